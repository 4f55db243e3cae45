import type { ClientProgram, Options, Serve, Connect } from "../contract.ts";
import type { UrlProtocol } from "../lib/addresses.ts";

/**
 * A named pair of halves, as one line of the list of transports or as the default export of a module of the user's own.
 */
export interface Transport {
  /** One line for a person who does not know the name. */
  title: string;
  /** Imports the server half. */
  server: () => Promise<{ default: Serve }>;
  /** Imports the client half. */
  client: () => Promise<{ default: Connect; program?: ClientProgram }>;
  /** Options that differ from the defaults. They are what makes a variant. */
  options: Partial<Options>;
  guarantees: Guarantees;
  /** The package or module that is the client, as the `client` column names it. */
  clientLibrary: string;
  /** The encoding of a text payload and of a binary payload. */
  encodings: { text: string; binary: string };
  /** Connections that one client keeps open. */
  socketsPerClient: number;
  /** Set if its clients are in pages of a browser: those that one page has at most. Default: they are in no page. */
  clientsPerPage?: number;
  /** Name of the transport on the list of which this one is a variant. A variant runs only if it is named. */
  variantOf?: string;
  /** Protocols that a target's URL may name for this transport. Default: any. */
  protocols?: readonly UrlProtocol[];
  /** Set if both halves speak HTTP/2 alone. Default: HTTP/1.1, where `protocols` names HTTP or WebSocket. */
  http2?: true;
  /** Set if the messages of the server come in a response of HTTP that does not end. Default: they do not. */
  streamsResponse?: true;
  /** Set if the transport runs only when it is named. Default: it runs unless --transports names others. */
  optIn?: true;
  /**
   * The option that sets how often an idle connection is used; "none" if neither half uses it. Default: "heartbeatMs".
   */
  idlePeriodOption?: "pollIntervalMs" | "holdMs" | "heartbeatMs" | "none";
  /** False if its client cannot connect from an address of its own (`Address.localAddress`). Default: it can. */
  ownAddress?: false;
  /** Set if a library opens a broken connection again by itself, in its own way. Default: the harness does. */
  reconnects?: "library";
  /** False if not everything that it sends travels over TCP. Default: it does. */
  overTcp?: false;
  /** Why the transport cannot run over TLS, as a clause. Default: it can. */
  noTlsReason?: string;
  /**
   * Resolves with the reason why the transport cannot run here, such as a package that is not installed. Default: it
   * can.
   */
  unavailable?(): Promise<string | undefined>;
  /** Default: no common tool can be the client. */
  manualClients?: ManualClients;
  /** How the page that `npm run serve` offers speaks to the server. Default: a page in a browser cannot. */
  page?: PageWire;
}

/** Ways in which a page in a browser exchanges messages with a server. */
export type PageWire = "polling" | "events" | "stream" | "websocket" | "socket.io";

/**
 * Guarantees of a transport. A field that is left out is guaranteed. The conformance suite and the runner read these
 * fields and never look at a transport's name.
 */
export interface Guarantees {
  /** False if messages of one connection may overtake each other. Default: true. */
  ordered?: boolean;
  /**
   * False if a message may be lost while the connection stays open. Default: true, every message arrives or the
   * connection ends.
   */
  reliable?: boolean;
  /** False if a payload cannot travel as binary. Default: true. */
  binary?: boolean;
  /** Bytes of the largest payload that the transport can carry, whatever the options allow. Default: no limit. */
  maxPayloadBytes?: number;
  /** Milliseconds within which a message arrives on an idle machine. Default: 0. */
  deliveryBoundMs?: (options: Options) => number;
  /** False if a message sent just before the client closes may not reach the application. Default: true. */
  flushesOnClose?: boolean;
  /**
   * False if a client goes on reading while its process is stopped, since another program reads for it. Default: true.
   */
  stopsReading?: boolean;
  /**
   * Names of the applications that the server has, if it is another program. The harness then cannot see what the
   * application receives. Default: the server hosts the application that it is given.
   */
  apps?: readonly string[];
}

/**
 * Lines to type to join a server by hand with common tools. `{host}` and `{port}` stand for the address,
 * `{authority}` for both, and "hello" for the message. The tools print a received text as it is.
 */
export interface ManualClients {
  /** Commands, each of which is enough: it sends each line that is typed and prints what it receives. */
  commands?: readonly string[];
  /**
   * Commands to type into one shell, in their order. `receive` stays in the background (it ends with "&"), or prints
   * all messages so far.
   */
  shell?: { join: string; receive: string; send: string };
  /** Lines for the console of a browser; the last one sends a message. */
  browser?: readonly string[];
  /** The same over TLS, for tools that need not check the server's certificate. Default: there is no such tool. */
  overTls?: Pick<ManualClients, "commands" | "shell">;
}
