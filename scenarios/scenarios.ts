import { nearest, UserError } from "./errors.ts";
import type { apps } from "./apps.ts";

/** A kind of conversation with its numbers. A run may change the numbers, never the kind. */
export interface Scenario {
  /** The question it answers, in one sentence. */
  question: string;
  /** What the server hosts. */
  app: keyof typeof apps;
  clients: number;
  /** How many rooms the clients are spread over, or how many clients a room is to have. */
  rooms: number | "one each" | { of: number };
  /** Clients that send, spread over the order in which clients join. */
  senders: number | "everybody" | "one a room";
  /** Messages offered per second in all, over all senders. */
  offeredPerS: number;
  payloadBytes: number;
  payloadKind: "text" | "binary";
  /** The least and the most of the load before T0: it goes on until the server's CPU per delivery is steady. */
  warmupMs: number;
  maxWarmupMs: number;
  durationMs: number;
  /**
   * Each message is a visit: somebody connects when it is due, says it, has the answer and leaves. Nobody is there otherwise, and no more than
   * `clients` at once: a visit that finds every place taken waits for one.
   */
  visits?: true;
  /** Clients that are stopped from T0 to T1, so that they take nothing; none of them sends, and no latency is theirs. */
  slowClients?: number;
  /** Where nobody sends: how many whole heartbeat or poll cycles the window holds at least; longer periods are shortened to fit. */
  idleCycles?: number;
}

/** Every scenario by name. */
export const scenarios = {
  echo: {
    question: "Robot chat: how long until the sender, and nobody else, has its answer?",
    app: "echo",
    clients: 100,
    rooms: "one each",
    senders: "everybody",
    offeredPerS: 100,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 5_000,
    maxWarmupMs: 30_000,
    durationMs: 10_000,
  },
  "chat-100": {
    question: "Group chat at a glance: 100 clients in one room, everybody gets every message.",
    app: "chat",
    clients: 100,
    rooms: 1,
    senders: 10,
    offeredPerS: 50,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 1_000,
    maxWarmupMs: 1_000,
    durationMs: 2_500,
  },
  "chat-1k": {
    question: "Group chat: what does it cost, and how long does it take, to tell 1,000 clients what one of them said?",
    app: "chat",
    clients: 1_000,
    rooms: 1,
    senders: 10,
    offeredPerS: 10,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 5_000,
    maxWarmupMs: 20_000, // at its longest, five transports still take less than four minutes
    durationMs: 20_000,
  },
  "chat-10k": {
    question:
      "Many groups: what do 100 rooms of 100 cost, at a rate that two cores carry with headroom over every transport, long polling too?",
    app: "chat",
    clients: 10_000,
    rooms: { of: 100 },
    senders: "one a room",
    offeredPerS: 60,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 5_000,
    maxWarmupMs: 20_000,
    durationMs: 20_000,
  },
  "connect-talk-leave": {
    question:
      "Short connections: what does it cost, and how long does it take from the wish to the answer, to connect for a single message and leave?",
    app: "echo",
    visits: true,
    clients: 500, // an answer that has to be asked for takes up to a second: then about 200 are there at once
    rooms: "one each",
    senders: "everybody",
    offeredPerS: 200,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 5_000,
    maxWarmupMs: 20_000,
    durationMs: 10_000,
  },
  "slow-consumer": {
    question:
      "5 of 30 stop reading for the whole window: does that slow the others, whose latency alone counts, and what does the server hold for the five?",
    app: "chat",
    clients: 30,
    slowClients: 5,
    rooms: 1,
    senders: 5,
    offeredPerS: 50,
    payloadBytes: 20_480, // 20 MiB for each in the window: the kernel takes up to 8 of them, and a server by default keeps 4
    payloadKind: "text",
    warmupMs: 5_000,
    maxWarmupMs: 10_000,
    durationMs: 20_000,
  },
  "idle-100": {
    question: "Nothing is said: what do heartbeats and empty polls cost per client and second?",
    app: "chat",
    clients: 100,
    rooms: 1,
    senders: 0,
    offeredPerS: 0,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 0,
    maxWarmupMs: 0,
    durationMs: 3_000,
    idleCycles: 3,
  },
  "idle-100k": {
    question:
      "100,000 are connected and nothing is said: what does holding them cost? Polling once a second needs fewer --clients.",
    app: "chat",
    clients: 100_000,
    rooms: { of: 100 },
    senders: 0,
    offeredPerS: 0,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 0,
    maxWarmupMs: 0,
    durationMs: 75_000, // three periods of 25 s, which every transport but short polling has unless told otherwise
    idleCycles: 3,
  },
} satisfies Record<string, Scenario>;

/** The scenario of that name; a UserError with the nearest right name where there is none. */
export function scenarioNamed(name: string): Scenario {
  if (Object.hasOwn(scenarios, name)) return scenarios[name as keyof typeof scenarios];
  throw new UserError(`Unknown scenario "${name}".${nearest(name, Object.keys(scenarios))}`);
}
