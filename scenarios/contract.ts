/** One end of an open connection. A message is bytes and a kind, as in a WebSocket frame. */
export interface Connection {
  /**
   * Queues one message; after the link has closed it does nothing. A client's link has read `payload` when the call returns; one that
   * was sent by a server must not be changed afterwards.
   */
  send(payload: Buffer, text: boolean): void;
  /** Says goodbye after what was sent before. Calling it again does nothing. */
  close(): void;
}

/** Some links that are sent the same payload, by the transport's best public way: encoded once, or Socket.IO's own room. */
export interface Room {
  add(connection: Connection): void;
  delete(link: Connection): void;
  send(payload: Buffer, text: boolean): void;
}

/** The application a server hosts: the same code under every transport. Its functions never throw. */
export interface Application {
  /** Called once per link, before its first message. */
  join(connection: Connection): void;
  /** Called once per message, in the order sent. The hub may keep `payload`. */
  receive(link: Connection, payload: Buffer, text: boolean): void;
  /** Called once per joined link, whoever ended it and however. */
  leave(link: Connection): void;
}

/** Makes a hub for one server, which lends it rooms. */
export type App = (openRoom: () => Room) => Application;

/** Where a client's messages go. Its functions never throw. */
export interface ConnectionHandler {
  /** `payload` is valid during the call only. */
  receive(payload: Buffer, text: boolean): void;
  /** Called once, when the link has ended; `error` is set unless one side closed it as the protocol says. */
  closed(error?: Error): void;
}

/** Where a server can be reached: plain JSON, so that it can be handed to another process, host or language. */
export interface Address {
  host: string;
  port: number;
  /** Set where what is spoken there does not lie on TCP. */
  protocol?: "udp";
  /** Set where it is spoken over TLS: the one certificate to trust, as PEM, which names the host. */
  certificate?: string;
}

/** What a socket carries: `up` a polling client's sends, `down` its asks, `duplex` both directions. */
export type Role = "up" | "down" | "duplex";

/** Bytes on the TCP streams of one role, seen from the server: `in` from clients, `out` to them, closed sockets included. */
export interface ByteCounts {
  in: number;
  out: number;
}

/** What a server has carried since it began. Payloads are counted as their frames are handed to the sockets. */
export interface Traffic {
  wire: Record<Role, ByteCounts>;
  payloadsIn: number;
  payloadBytesIn: number;
  payloadsOut: number;
  payloadBytesOut: number;
  /** HTTP request/response pairs that asked for messages; 0 where the transport has none. */
  pollsAnswered: number;
  /** Bytes, both ways, of those exchanges that brought no message: part of what their sockets carried. */
  emptyPollBytes: number;
}

/** A server that accepts clients. `traffic` answers undefined where it cannot be known (another host, another language). */
export interface Server {
  addresses: readonly Address[];
  traffic(): Traffic | undefined;
  /** Ends every link, each client being told once, and resolves when no socket or timer is left. */
  close(): Promise<void>;
  /** Set where another program serves: the process group it runs in, and what rejects with a sentence when it ends before `close`. */
  program?: { group: number; ended: Promise<never> };
}

/** Settings that every half understands or can ignore. The list of transports, scenarios and the conformance suite change them. */
export interface Options {
  /** Address to listen on. */
  host: string;
  /** Further addresses of this host to listen on, for more clients than one address should take. Default: none. */
  additionalHosts?: readonly string[];
  /** Port to listen on; 0 takes a free one at each address. */
  port: number;
  /** Milliseconds a stranger has to complete its request or handshake, and a client to get an answer to its own. */
  handshakeMs: number;
  /** Milliseconds a polling client may be silent beyond its due ask before it is dropped; also how long idle HTTP connections are kept. */
  idleMs: number;
  /** Milliseconds between a server's heartbeats; a link that has not answered by the next one is dropped. */
  heartbeatMs: number;
  /** Milliseconds between the asks of a client that asks at intervals. */
  pollIntervalMs: number;
  /** Milliseconds a server holds an ask that it has nothing to answer with. */
  holdMs: number;
  /** Largest payload either side accepts; the sender of a larger one is dropped. */
  maxPayloadBytes: number;
  /** Bytes that may wait for one client on the server before it is dropped. */
  queueBytes: number;
  /** Bytes of headers that a polling client adds to each request, as a browser would; 0, or at least 16. */
  extraHeaderBytes: number;
  /** Where in its period this client's periodic work lies, in [0, 1), so that many clients do not beat together. */
  phase: number;
  /**
   * Whether all is spoken over TLS 1.3 (RFC 8446), with a certificate that the server makes and signs when it begins to listen. Every
   * handshake is a full one: no client has a session to resume. A record costs 22 bytes, and 16,384 bytes fit into one. Default false.
   */
  tls?: boolean;
  /** Settings of the transport's own, as plain values, so that a variant is a line on the list. A half says which it reads. */
  transportOptions: Readonly<Record<string, string | number | boolean>>;
}

/**
 * The default export of `servers/<name>.ts`. Rejects where it cannot listen. `appName` is what the application is called, for a server that is
 * another program and hosts one of its own.
 */
export type Serve = (app: App, options: Options, appName?: string) => Promise<Server>;

/** The default export of `clients/<name>.ts`. Resolves when the link is ready; rejects where nobody answers as expected. */
export type Connect = (address: Address, handler: ConnectionHandler, options: Options) => Promise<Connection>;
