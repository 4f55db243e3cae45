import type { Options, Serve, Connect } from "../contract.ts";

/** What a transport cannot keep, or how long it may take; what is not said is kept, and at once. The suite and the runner go by this. */
export interface Guarantees {
  /** False where messages of one link may overtake each other. Default true. */
  ordered?: boolean;
  /** False where a message may get lost while the link stays open. Default true: then what is sent arrives, or the link ends. */
  reliable?: boolean;
  /** False where a payload cannot travel as binary. Default true. */
  binary?: boolean;
  /** Largest payload that the transport can carry at all, whatever the options allow. Default: no limit of its own. */
  maxPayloadBytes?: number;
  /** Milliseconds, on an idle machine, within which a sent message has reached its receiver. Default 0. */
  deliveryBoundMs?: (options: Options) => number;
  /** False where a message sent just before the client's close may never reach the hub. Default true. */
  flushesOnClose?: boolean;
  /**
   * The applications, by name, that the server has of its own, where it is another program: then nobody here sees what its hub is told.
   * Default: it hosts what it is handed.
   */
  apps?: readonly string[];
}

/**
 * How one joins with tools that are not of this project, as lines to be typed; `{host}`, `{port}` and `{authority}`, which is both, stand for the
 * server's, and "hello" for what is said. What they print of a text holds the text as it is.
 */
export interface ManualClients {
  /** Commands each of which does it alone: a line typed is a message said, and what is heard is printed. */
  commands?: readonly string[];
  /**
   * Commands to type into one shell, in their order. `receive` stays in the background (it ends with "&"), or prints all
   * messages so far.
   */
  shell?: { join: string; receive: string; send: string };
  /** Lines for the console of a browser; the last says something. */
  browser?: readonly string[];
  /** The same over TLS, for tools that need not check the server's certificate. Default: there is no such tool. */
  overTls?: Pick<ManualClients, "commands" | "shell">;
}

/** A named pair of halves. */
export interface Transport {
  /** The transport of the list that this one is with other options. A variant runs only where it is named. */
  variantOf?: string;
  /** Set where it is not one of the few that are measured where none is named. */
  optIn?: true;
  /** One line for a person who does not know the name. */
  title: string;
  /** The package or module that plays the client, as the `client` column names it. */
  clientLibrary: string;
  /** How a text and a binary payload travel. */
  encodings: { text: string; binary: string };
  /** Connections that one client keeps open. */
  socketsPerClient: number;
  /** Default: no common tool speaks it. */
  manualClients?: ManualClients;
  server: () => Promise<{ default: Serve }>;
  client: () => Promise<{ default: Connect }>;
  /**
   * The option that sets the period of what goes on when nobody says anything; "none" where no half does anything, but the kernel at most.
   * Default: the heartbeat.
   */
  idlePeriodOption?: "pollIntervalMs" | "holdMs" | "heartbeatMs" | "none";
  /** Set where nothing of it can be spoken over TLS: says why, in a clause. */
  noTlsReason?: string;
  /** Says why it cannot run here, such as a package that is not installed; undefined where it can, which is the default. */
  unavailable?(): Promise<string | undefined>;
  /** What makes this variant differ from the defaults. */
  options: Partial<Options>;
  guarantees: Guarantees;
}
