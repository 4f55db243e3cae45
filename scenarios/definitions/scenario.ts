import type { apps } from "./apps.ts";
import type { TraceSource } from "./trace.ts";

/**
 * How due times fall: drawn uniformly, as in a Poisson process; evenly, each speaker at a fixed distance of its own; or so many messages at
 * once, once in each period, at a place in it that is drawn.
 */
export type Arrivals = "uniform" | "even" | { burst: number };
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
