import { nearest, UserError } from "./errors.ts";
import type { apps } from "./apps.ts";

/** A kind of conversation with its numbers. A run may change the numbers, never the kind. */
export interface Scenario {
  /** The question it answers, in one sentence. */
  question: string;
  /** What the server hosts. */
  app: keyof typeof apps;
  clients: number;
  rooms: number | "one each";
  /** Clients that send, spread over the order in which clients join. */
  senders: number | "everybody";
  /** Messages offered per second in all, over all senders. */
  offeredPerS: number;
  payloadBytes: number;
  payloadKind: "text" | "binary";
  warmupMs: number;
  durationMs: number;
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
    durationMs: 3_000,
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
    durationMs: 20_000,
  },
} satisfies Record<string, Scenario>;

/** The scenario of that name; a UserError with the nearest right name where there is none. */
export function scenarioNamed(name: string): Scenario {
  if (Object.hasOwn(scenarios, name)) return scenarios[name as keyof typeof scenarios];
  throw new UserError(`Unknown scenario "${name}".${nearest(name, Object.keys(scenarios))}`);
}
