/**
 * The contract of a transport, which is two files: `servers/<name>.ts` exports a `Serve` function by default,
 * `clients/<name>.ts` a `Connect` function. `Connection`, `ConnectionHandler`, `Application` and `Room` are all that
 * pass between them and the harness.
 */

import type { PlaceholderValues } from "./lib/template.ts";

/** One end of an open connection. A message is bytes and a kind, text or binary, as in a WebSocket frame. */
export interface Connection {
  /**
   * Queues one message. Does nothing after the connection has closed. A client's `send` has read `payload` when it
   * returns, so the caller may write to that buffer again. A server's `send` may keep `payload`, so the caller must not
   * change it.
   */
  send(payload: Buffer, text: boolean): void;
  /**
   * Closes the connection as the protocol says, after the messages that were sent before. A second call does nothing.
   */
  close(): void;
}

/** The callbacks of a client's connection. They never throw. */
export interface ConnectionHandler {
  /**
   * Called once for each message, in the order received. `payload` is valid during the call only. `receivedBytes` is the
   * length of what arrived, where `payload` is what it answers. Default: the length of `payload`.
   */
  receive(payload: Buffer, text: boolean, receivedBytes?: number): void;
  /** Called once, when the connection has ended. `error` is undefined if one side closed it as the protocol says. */
  closed(error?: Error): void;
  /** With `Options.reconnect`: the connection carries nothing at the moment, and the client is about to open it again. */
  lost?(): void;
  /**
   * With `Options.reconnect`: the connection is open again. `resumed`: the server goes on with the same connection, and
   * no message was missed as far as the transport knows. Otherwise the server has a new one, which has to enter.
   */
  back?(resumed: boolean): void;
}

/** The application that a server hosts, the same code under every transport. Its functions never throw. */
export interface Application {
  /** Called once for each connection, before its first message. */
  join(connection: Connection): void;
  /** Called once for each message, in the order received. The application may keep `payload`. */
  receive(connection: Connection, payload: Buffer, text: boolean): void;
  /** Called once for each joined connection when it has ended, for whatever reason. */
  leave(connection: Connection): void;
}

/** Makes the application of one server. `openRoom` is how the server lends it rooms. */
export type App = (openRoom: () => Room) => Application;

/**
 * Connections that receive the same payload, by the transport's best public means: encoded once, or Socket.IO's own
 * room.
 */
export interface Room {
  add(connection: Connection): void;
  delete(connection: Connection): void;
  /** Sends one message to every connection in the room. */
  send(payload: Buffer, text: boolean): void;
}

/** The address of a server, and how to introduce oneself there. Plain JSON, so it can be passed to another process. */
export interface Address {
  host: string;
  port: number;
  /** Path of a Unix socket, in place of host and port. Default: TCP or UDP. */
  socketPath?: string;
  /** Address of this machine to connect from. Default: the system chooses one. */
  localAddress?: string;
  /** Host and port as the `Host` header names them. Default: `host` and `port`. */
  authority?: string;
  /** Path and query of an HTTP request or handshake. Default: the transport's own. */
  path?: string;
  /** Headers of every HTTP request or handshake, besides the transport's own. Default: none. */
  headers?: Readonly<Record<string, string>>;
  /** WebSocket subprotocol to request (RFC 6455, section 1.9). Default: none. */
  subprotocol?: string;
  /** Name and password of a user, where the protocol has a place for them (MQTT). Default: none. */
  user?: string;
  password?: string;
  /** Values of the placeholders in a dialect, for this client. Path and headers have none left. */
  values?: PlaceholderValues;
  /** Set if the transport does not run over TCP. */
  protocol?: "udp";
  /** Set if the transport runs over TLS 1.3 to a server of ours: the only certificate to trust, as PEM. */
  certificate?: string;
  /** Set if the transport runs over TLS to another server. */
  tls?: TlsSettings;
}

/** How a client does TLS with a server that is none of ours: version 1.2 or 1.3, with any curve. */
export interface TlsSettings {
  /** Name that the client sends (SNI, RFC 6066 section 3) and that the certificate must have. Default: none is sent. */
  servername?: string;
  /** Certificates to trust, as PEM. Default: those of the system. */
  ca?: string;
  /** Certificate and private key of the client, as PEM. Default: none. */
  cert?: string;
  key?: string;
  /** True if the server's certificate is not checked. Default: it is. */
  insecure?: true;
}

/** The use of a socket: `up` carries a polling client's messages, `down` its polls, `duplex` both directions. */
export type Role = "up" | "down" | "duplex";

/**
 * Bytes on the TCP streams of one role, seen from the server: `in` from clients, `out` to clients. Includes closed
 * sockets.
 */
export interface ByteCounts {
  in: number;
  out: number;
}

/**
 * Counters of one server since it started, or of its clients, who see the same bytes. A payload to a client counts when
 * its frame is written to the socket; at the clients, when it was received.
 */
export interface Traffic {
  wire: Record<Role, ByteCounts>;
  payloadsIn: number;
  payloadBytesIn: number;
  payloadsOut: number;
  payloadBytesOut: number;
  /**
   * Polls that the server has answered: HTTP requests for messages and their responses. 0 if the transport does not
   * poll.
   */
  pollsAnswered: number;
  /** Bytes, in both directions, of the polls whose response held no message. `wire` includes them. NaN at the clients. */
  emptyPollBytes: number;
}

/** A server that accepts clients. */
export interface Server {
  addresses: readonly Address[];
  /** The counters so far; undefined if they cannot be known, as for a server on another host or in another language. */
  traffic(): Traffic | undefined;
  /** Closes every connection as the protocol says. Resolves when no socket and no timer is left. */
  close(): Promise<void>;
  /**
   * Set if the server is another program. `group` is its process group. `ended` rejects with a sentence if the program
   * ends before `close` is called, and stays pending otherwise.
   */
  program?: { group: number; ended: Promise<never> };
}

/** A page that an HTTP server offers to browsers beside its transport. */
export interface Page {
  /** Headers of the response, `content-type` among them. */
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
}

/** The pages of one server. */
export interface Pages {
  /** Makes the page of each path, such as "/". Called at each request. */
  files: Readonly<Record<string, () => Page>>;
  /** Called with the bytes of each request for a page, and of its response. The server's traffic includes them. */
  answered(bytes: ByteCounts): void;
}

/**
 * Settings of a half. A half may ignore those that do not apply to it. The defaults are in
 * transports/load-transport.ts.
 */
export interface Options {
  /** Address to listen on. */
  host: string;
  /** More addresses of this host to listen on, for more clients than one address should take. Default: none. */
  additionalHosts?: readonly string[];
  /** Port to listen on at each address; 0 takes a free one. */
  port: number;
  /** Ports at the `additionalHosts`, for a server that starts again where it was. Default: `port` at each. */
  additionalPorts?: readonly number[];
  /**
   * Milliseconds until a new connection must have completed its handshake or request, and until a client's own request
   * must be answered.
   */
  handshakeMs: number;
  /**
   * Milliseconds that a polling client may be late with its next poll before it is dropped. Idle HTTP connections are
   * kept as long.
   */
  idleMs: number;
  /**
   * Milliseconds between heartbeats. The server drops a connection that has not answered one heartbeat when the next is
   * due.
   */
  heartbeatMs: number;
  /** Milliseconds between the polls of a client that polls at intervals (short polling). */
  pollIntervalMs: number;
  /** Milliseconds that a server holds a poll while it has no message for the client (long polling). */
  holdMs: number;
  /** Largest payload that either side accepts. The sender of a larger one is dropped. */
  maxPayloadBytes: number;
  /** Bytes that may wait on the server for one client. A client for which more would wait is dropped. */
  queueBytes: number;
  /**
   * A client whose connection breaks opens it again, until `close`: after `minMs` to twice that, then four times, but
   * never longer than `maxMs`. "usual": as its library does, or after 1 to 5 s. Default: it does not, and `closed` is
   * called.
   */
  reconnect?: { minMs: number; maxMs: number } | "usual";
  /** Bytes of headers that a polling client adds to each request, as a browser would: 0, or at least 16. */
  extraHeaderBytes: number;
  /**
   * Place of this client's periodic work within its period, in [0, 1). Different phases keep many clients from acting
   * at once.
   */
  phase: number;
  /**
   * True if the transport runs over TLS 1.3 (RFC 8446). The server makes and signs its certificate when it starts to
   * listen. Every handshake is a full one, without session resumption. A record holds up to 16,384 bytes and costs 22
   * more. Default: false.
   */
  tls?: boolean;
  /** Private key and certificate of a server over TLS, as PEM, that starts again as itself. Default: new ones. */
  identity?: { key: string; certificate: string };
  /** Pages that an HTTP server answers before its transport does. No trial has any. Default: none. */
  pages?: Pages;
  /** Options of this transport alone, as plain values, so that a variant is one line in the list of transports. */
  transportOptions: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Default export of `servers/<name>.ts`: starts a server that hosts `app`. Rejects if it cannot listen. `appName` is
 * for a server that is another program: it hosts its own application of that name.
 */
export type Serve = (app: App, options: Options, appName?: string) => Promise<Server>;

/**
 * Default export of `clients/<name>.ts`: opens one connection. Resolves when it is ready; rejects if the server does
 * not answer as expected, refuses, drops the connection, or lets `handshakeMs` pass. It holds nothing after that. A call
 * that does neither is given up a second later.
 */
export type Connect = (address: Address, handler: ConnectionHandler, options: Options) => Promise<Connection>;

/**
 * What a client half may export as `program`: another program, such as a browser, that connects for all clients of a
 * process. The times at which it receives messages are its own: see `deliverAsOf` in scenarios/lib/clock.ts.
 */
export interface ClientProgram {
  /**
   * Starts the program for so many clients of these servers. Called once, before the first `Connect`. Rejects with a
   * sentence where it cannot be started.
   */
  start(request: ClientProgramRequest): Promise<void>;
  /** Id of its process group, which its processes never leave. Undefined while it does not run. */
  group(): number | undefined;
  /** Compares its clocks with that of this process once more. Resolves to the most by which one was wrong so far. */
  clocks(): Promise<ClientClocks>;
}

/** The work of one client program. */
export interface ClientProgramRequest {
  clients: number;
  /** Pages that this process may open. */
  pages: number;
  addresses: readonly Address[];
  options: Options;
}

/** Clocks of the pages of a browser. */
export interface ClientClocks {
  pages: number;
  /** Most by which a time of a page is wrong on the clock of the process, in microseconds. */
  errorUs: number;
}
