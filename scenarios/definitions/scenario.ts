import type { Threshold } from "../../results/rows/thresholds.ts";
import type { BackoffWindow } from "../lib/backoff.ts";
import type { Fault } from "./fault.ts";
import type { Network } from "./network.ts";
import type { apps } from "./apps.ts";
import type { TraceSource } from "./trace.ts";

/** A kind of conversation with its numbers. A run may change the numbers, never the kind. */
export interface Scenario {
  /** The question that it answers, in one sentence. */
  question: string;
  /**
   * The application that the server hosts. It decides who receives a client's message: the client itself (echo), its
   * room (chat) or the server (ingest).
   */
  app: keyof typeof apps;
  /** Senders: the clients, the server to every room, or both. With `both`, each sends half. Default: clients. */
  senderSide?: "clients" | "server" | "both";
  /** Distribution of due times. Default: uniform. */
  arrivals?: Arrivals;
  /**
   * Half duplex: milliseconds for which one side alone may send, then the other. The clients have the first slot.
   * Default: full duplex.
   */
  halfDuplexSlotMs?: number;
  clients: number;
  /** Number of rooms, or `{ of: N }` for as many rooms as give each N clients. */
  rooms: number | "one each" | { of: number };
  /** Number of clients that send. They are spread over the order in which clients join. */
  senders: number | "everybody" | "one a room";
  /** Messages offered per second in all, over all senders. */
  ratePerS: number;
  /** Bytes of one message. With several sizes or kinds, each pair of a size and a kind is a trial of its own. */
  payloadBytes: number | readonly number[];
  payloadKind: PayloadKind | readonly PayloadKind[];
  /** Shortest warm-up: load before T0, in milliseconds. It lasts until the server's CPU per delivery is steady. */
  warmupMs: number;
  /** Longest warm-up. */
  maxWarmupMs: number;
  /** Length of the measured window, T0 to T1. */
  durationMs: number;
  /**
   * Each message has a connection of its own: a session connects when the message is due, sends it, receives the reply
   * and closes. At most `clients` sessions are open at once, and a session beyond that waits for a free slot. Default:
   * clients stay connected.
   */
  connectPerMessage?: true;
  /**
   * Number of clients that are stopped (SIGSTOP) from T0 to T1, so that they read nothing. They do not send, and have
   * no part in any latency. Default: 0.
   */
  pausedClients?: number;
  /**
   * For scenarios without messages: least number of whole heartbeat or poll cycles in the window. Longer periods are
   * shortened to fit.
   */
  idleCycles?: number;
  /** What measured columns must hold. Default: nothing. */
  thresholds?: readonly Threshold[];
  /**
   * Share of the clients, 0 to 1, that may be refused or dropped before the trial fails. Default: 0; 1 where the server
   * is none of ours.
   */
  dropsAllowed?: number;
  /** Networks between clients and servers, each with trials of its own; undefined among them is the loopback. Default: the loopback. */
  networks?: readonly (Network | undefined)[];
  /** What breaks in the window. Clients then connect again. Default: nothing. */
  fault?: Fault;
  /** When a client whose connection breaks connects again. Default: as its library does, or after 1 to 5 s. */
  reconnect?: BackoffWindow;
  /** Milliseconds between heartbeats in a scenario with a fault. Default: the transport's own. */
  heartbeatMs?: number;
  /**
   * Messages of each room that the application keeps for clients that come back, and sends them from where they were.
   * Default: none.
   */
  historyMessages?: number;
  /** A recorded conversation to replay: it says who sends what and when. The numbers above follow from it. */
  trace?: TraceSource;
}

/**
 * Distribution of due times. "uniform" draws them as in a Poisson process. "even" gives each sender a fixed interval
 * with an offset of its own. `{ burst: N }` makes N messages due at once, at one random time in each period.
 */
export type Arrivals = "uniform" | "even" | { burst: number };

/** Kind of a payload. Some transports send text and binary in different ways. */
export type PayloadKind = "text" | "binary";
