import { didYouMean, UserError } from "./lib/errors.ts";
import type { Arrivals } from "./workload/arrivals.ts";
import type { apps } from "./definitions/apps.ts";
import type { TraceSource } from "./definitions/trace.ts";

/** A kind of conversation with its numbers. A run may change the numbers, never the kind. */
export interface Scenario {
  /** The question it answers, in one sentence. */
  question: string;
  /** What the server hosts, and so who hears what a client says: itself (echo), its room (chat) or the hub (report). */
  app: keyof typeof apps;
  /** Who speaks: clients, the hub, with a voice in each room, or both, each half of the messages. Default: the clients. */
  senderSide?: "clients" | "server" | "both";
  /** How due times fall. Default: uniform. */
  arrivals?: Arrivals;
  /** Where only one side may speak at a time: how long a turn is. The clients have the first. */
  halfDuplexSlotMs?: number;
  clients: number;
  /** How many rooms the clients are spread over, or how many clients a room is to have. */
  rooms: number | "one each" | { of: number };
  /** Clients that send, spread over the order in which clients join. */
  senders: number | "everybody" | "one a room";
  /** Messages offered per second in all, over all senders. */
  ratePerS: number;
  /** Where there are several, each size is measured with each kind, in a trial of its own. */
  payloadBytes: number | readonly number[];
  payloadKind: PayloadKind | readonly PayloadKind[];
  /** The least and the most of the load before T0: it goes on until the server's CPU per delivery is steady. */
  warmupMs: number;
  maxWarmupMs: number;
  durationMs: number;
  /**
   * Each message is a visit: somebody connects when it is due, says it, has the answer and leaves. Nobody is there otherwise, and no more than
   * `clients` at once: a visit that finds every place taken waits for one.
   */
  connectPerMessage?: true;
  /** Clients that are stopped from T0 to T1, so that they take nothing; none of them sends, and no latency is theirs. */
  pausedClients?: number;
  /** Where nobody sends: how many whole heartbeat or poll cycles the window holds at least; longer periods are shortened to fit. */
  idleCycles?: number;
  /** A conversation that is replayed: who says what when is in it, and the numbers above are what it comes to. */
  trace?: TraceSource;
}

/** As what a payload travels where the transport makes a difference. */
export type PayloadKind = "text" | "binary";

/** Every scenario by name. */
export const scenarios = {
  echo: {
    question: "Robot chat: how long until the sender, and nobody else, has its answer?",
    app: "echo",
    clients: 100,
    rooms: "one each",
    senders: "everybody",
    ratePerS: 100,
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
    ratePerS: 50,
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
    ratePerS: 10,
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
    ratePerS: 60,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 5_000,
    maxWarmupMs: 20_000,
    durationMs: 20_000,
  },
  ticker: {
    question:
      "Push only: what does it cost, and how long does it take, to tell 1,000 clients a price ten times a second?",
    app: "chat",
    senderSide: "server",
    clients: 1_000,
    rooms: 1,
    senders: 0,
    ratePerS: 10,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 5_000,
    maxWarmupMs: 12_000,
    durationMs: 15_000,
  },
  notify: {
    question:
      "Notifications: 1,000 people with two clients each, whose counts change about once in 20 s: is polling for that still good enough?",
    app: "chat",
    senderSide: "server",
    clients: 2_000,
    rooms: { of: 2 },
    senders: 0,
    ratePerS: 50,
    payloadBytes: 16,
    payloadKind: "text",
    warmupMs: 5_000,
    maxWarmupMs: 12_000,
    durationMs: 20_000,
  },
  telemetry: {
    question: "Up only: 1,000 devices each report once in 5 s and nobody answers: what does a report cost?",
    app: "ingest",
    clients: 1_000,
    rooms: 1,
    senders: "everybody",
    ratePerS: 200,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 5_000,
    maxWarmupMs: 12_000,
    durationMs: 15_000,
  },
  "full-duplex": {
    question:
      "Both sides speak whenever they have something to say, as on a telephone: what is that worth against half-duplex?",
    app: "ingest",
    senderSide: "both",
    clients: 100,
    rooms: "one each",
    senders: "everybody",
    ratePerS: 100,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 3_000,
    maxWarmupMs: 3_000,
    durationMs: 15_000,
  },
  "half-duplex": {
    question:
      "The same messages as full-duplex, but only one side may speak at a time, in turns of half a second, as over a walkie-talkie: how long do they wait?",
    app: "ingest",
    senderSide: "both",
    halfDuplexSlotMs: 500,
    clients: 100,
    rooms: "one each",
    senders: "everybody",
    ratePerS: 100,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 3_000,
    maxWarmupMs: 3_000,
    durationMs: 15_000,
  },
  tokens: {
    question:
      "A language model answers 100 clients at once, each its own stream of 20 small tokens a second: what does a token cost?",
    app: "chat",
    senderSide: "server",
    arrivals: "even",
    clients: 100,
    rooms: "one each",
    senders: 0,
    ratePerS: 2_000,
    payloadBytes: 16,
    payloadKind: "text",
    warmupMs: 3_000,
    maxWarmupMs: 6_000,
    durationMs: 10_000,
  },
  "payload-sizes": {
    question: "Robot chat with 16 bytes to 1 MiB, as text and as binary: from which size on does which kind cost what?",
    app: "echo",
    clients: 10,
    rooms: "one each",
    senders: "everybody",
    ratePerS: 20,
    payloadBytes: [16, 1024, 64 * 1024, 1024 * 1024],
    payloadKind: ["text", "binary"],
    warmupMs: 1_000,
    maxWarmupMs: 1_000,
    durationMs: 3_000,
  },
  burst: {
    question:
      "A room of 100 in which 50 messages come at once, once a second: how long until the last of them is there?",
    app: "chat",
    arrivals: { burst: 50 },
    clients: 100,
    rooms: 1,
    senders: 10,
    ratePerS: 50,
    payloadBytes: 128,
    payloadKind: "text",
    warmupMs: 3_000,
    maxWarmupMs: 6_000,
    durationMs: 15_000,
  },
  "connect-per-message": {
    question:
      "Short connections: what does it cost, and how long does it take from the wish to the answer, to connect for a single message and leave?",
    app: "echo",
    connectPerMessage: true,
    clients: 500, // an answer that has to be asked for takes up to a second: then about 200 are there at once
    rooms: "one each",
    senders: "everybody",
    ratePerS: 200,
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
    pausedClients: 5,
    rooms: 1,
    senders: 5,
    ratePerS: 50,
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
    ratePerS: 0,
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
    ratePerS: 0,
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
  throw new UserError(
    `Unknown scenario "${name}".${didYouMean(name, Object.keys(scenarios), "npm run bench -- --list names them all.")}`,
  );
}
