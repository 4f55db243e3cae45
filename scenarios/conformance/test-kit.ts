import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import type { Address, App, Application, Connection, ConnectionHandler, Options, Room, Server } from "../contract.ts";
import { assertTls } from "../definitions/compatibility.ts";
import { until } from "../lib/until.ts";
import { optionsFor } from "../transports/load-transport.ts";
import { connectLasting } from "../transports/persistent-connection.ts";
import type { Guarantees, Transport } from "../transports/transport.ts";
import { withinDeadline } from "./deadline.ts";
import { RecordingHandler, type Break, type ReceivedMessage } from "./recording-handler.ts";
import type { RawSender, Relay } from "./relay.ts";
import { openTcpRelay, sendRawTcp } from "./tcp-relay.ts";
import { openUdpRelay, sendRawDatagram } from "./udp-relay.ts";

/** A connected client, with everything that its handler was called with. */
export interface TestClient extends Connection {
  received: ReceivedMessage[];
  /** One entry for each call of `closed`. */
  ended: (Error | undefined)[];
  /** One entry for each call of `lost` and `back`. */
  breaks: Break[];
}

/** A server, with everything that its application was called with. */
export interface TestServer extends Server {
  joined: Connection[];
  left: Connection[];
  received: (ReceivedMessage & { connection: Connection })[];
  /** A room that every client is added to when it joins. */
  room: Room;
}

/** With these a server soon drops a client that is silent, or that never completes its handshake. */
export const shortTimeouts = { idleMs: 200, handshakeMs: 400 };

/** The payloads that were received, in order, as texts. */
export const texts = ({ received }: { received: readonly ReceivedMessage[] }): string[] =>
  received.map(({ payload }) => payload.toString());

export function assertClosedOnce({ ended }: TestClient): void {
  assert.equal(ended.length, 1, `closed() of the client's handler was called ${ended.length} times, not once`);
}

/** Round trips of `exchangeElsewhere`. Each takes at least 2 ms, so that timers of up to 50 ms fire as well. */
const exchanges = 25;

/** Servers and clients of one transport for a check or a test, and a record of what happens to them. */
export class Kit {
  readonly name: string;
  readonly transport: Transport;
  readonly guarantees: Guarantees;
  readonly options: Options;
  /** Cleanup functions of everything that was started, in the order of starting. */
  #cleanups: (() => unknown)[] = [];

  constructor(name: string, transport: Transport) {
    this.name = name;
    this.transport = transport;
    this.guarantees = transport.guarantees;
    this.options = optionsFor(transport, { pollIntervalMs: 10 });
  }

  /** True if the application runs in this process. A server in another program hosts its own application. */
  get seesApplication(): boolean {
    return this.guarantees.apps === undefined;
  }

  /**
   * Starts a server. Its application records every call, adds every client to `room`, and then calls `behaviour`.
   * A server that is another program hosts its application called `appName` instead, and records nothing.
   */
  async serve(
    behaviour: Partial<Application> = {},
    overrides: Partial<Options> = {},
    appName?: string,
  ): Promise<TestServer> {
    const calls: Pick<TestServer, "joined" | "left" | "received"> = { joined: [], left: [], received: [] };
    let room: Room | undefined;
    const app: App = (openRoom) => {
      const all = (room = openRoom());
      return {
        join(connection) {
          calls.joined.push(connection);
          all.add(connection);
          behaviour.join?.(connection);
        },
        receive(connection, payload, text) {
          calls.received.push({ connection, payload: Buffer.from(payload), text });
          behaviour.receive?.(connection, payload, text);
        },
        leave(connection) {
          calls.left.push(connection);
          behaviour.leave?.(connection);
        },
      };
    };
    const { default: serve } = await this.transport.server();
    const options = { ...this.options, ...overrides };
    const server = await serve(app, options, appName);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> =>
      (closing ??= withinDeadline(server.close(), "the server's close() has resolved"));
    this.#cleanups.push(close);
    assertTls(this.name, server, options);
    return { addresses: server.addresses, traffic: () => server.traffic(), close, ...calls, room: room! };
  }

  /** Starts a server whose application returns each message to its sender. */
  echo(overrides: Partial<Options> = {}): Promise<TestServer> {
    return this.serve({ receive: (connection, payload, text) => connection.send(payload, text) }, overrides, "echo");
  }

  async connect(address: Address, overrides: Partial<Options> = {}): Promise<TestClient> {
    const { default: connect } = await this.transport.client();
    const handler = new RecordingHandler();
    const options = { ...this.options, ...overrides };
    const open = (own: ConnectionHandler): Promise<Connection> => connect(address, own, options);
    const connecting = connectLasting(open, handler, { transport: this.transport, options, random: Math.random });
    const connection = await withinDeadline(connecting, "connect() has resolved or rejected");
    this.#cleanups.push(() => connection.close());
    return {
      received: handler.messages,
      ended: handler.ended,
      breaks: handler.breaks,
      send: (payload, text) => connection.send(payload, text),
      close: () => connection.close(),
    };
  }

  connectMany(count: number, address: Address): Promise<TestClient[]> {
    return Promise.all(Array.from({ length: count }, (_, i) => this.connect(address, { phase: i / count })));
  }

  /** A separate process with one client, until it is killed. Resolves when the client is connected. */
  async connectElsewhere(address: Address, overrides: Partial<Options> = {}): Promise<ChildProcess> {
    const child = this.fork("connect", { address, options: { ...this.options, ...overrides } });
    let connected = false;
    child.once("message", () => (connected = true));
    await until(() => connected, "the other process has connected its client");
    return child;
  }

  /** A separate process that does one of the tasks of helper-process.ts. */
  fork(task: "connect" | "serve and stop", details: object): ChildProcess {
    const child = fork(new URL("./helper-process.js", import.meta.url), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#cleanups.push(() => child.kill("SIGKILL"));
    child.send({ task, transport: this.name, ...details });
    return child;
  }

  /** A relay in front of an address. It counts the bytes that pass, as a packet capture would. */
  async relay(to: Address): Promise<Relay> {
    const relay = to.protocol === "udp" ? await openUdpRelay(to) : await openTcpRelay(to);
    this.#cleanups.push(() => relay.close());
    return relay;
  }

  /** A client that does not know the protocol: it sends `bytes`, and leaves without a close handshake. */
  sendRaw(address: Address, bytes: Buffer | string): RawSender {
    const sender = address.protocol === "udp" ? sendRawDatagram(address, bytes) : sendRawTcp(address, bytes);
    this.#cleanups.push(() => sender.leave());
    return sender;
  }

  /**
   * Exchanges messages with another server of the transport. A check that an event does not happen waits for this
   * instead of sleeping: the event would have happened meanwhile, on a slow machine as well.
   */
  async exchangeElsewhere(): Promise<void> {
    const { addresses } = await this.echo();
    const client = await this.connect(addresses[0]!);
    for (let i = 1; i <= exchanges; i++) {
      client.send(Buffer.from("exchange"), true);
      await until(() => client.received.length === i, "a client of another server has its echo");
    }
  }

  /** Ends everything that was started, in reverse order. */
  async tidy(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).toReversed()) await cleanup();
  }
}
