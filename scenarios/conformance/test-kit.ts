import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { assertTls } from "../definitions/compatibility.ts";
import type { Address, App, Application, ConnectionHandler, Connection, Options, Room, Server } from "../contract.ts";
import { openUdpRelay, sendRawDatagram } from "./udp-relay.ts";
import { openTcpRelay, sendRawTcp, type TcpRelay } from "./tcp-relay.ts";
import type { Guarantees, Transport } from "../transports/transport.ts";
import { loadTransport, optionsFor } from "../transports/load-transport.ts";
import { until } from "../lib/until.ts";

/** A sentence that transports are held to. It throws where the transport does not keep it. */
export interface Check {
  description: string;
  /** Whether a transport that promises just this is held to it. Default: every one is. */
  holds?(promises: Guarantees): boolean;
  check(kit: Kit): Promise<void>;
}

/** A message as it arrived, copied. */
export interface ReceivedMessage {
  payload: Buffer;
  text: boolean;
}

/** A connected client and all that happened to it. */
export interface TestClient extends Connection {
  received: ReceivedMessage[];
  /** One entry per call of `closed`. */
  ended: (Error | undefined)[];
}

/** A server and all that its hub was told. */
export interface TestServer extends Server {
  joined: Connection[];
  left: Connection[];
  received: (ReceivedMessage & { link: Connection })[];
  room: Room;
}

/** Milliseconds after which a condition that does not come true has failed. */
export const deadlineMs = 10_000;

/** Waits for a promise as `until` does for a condition. */
async function withinDeadline<T>(promise: Promise<T>, what: string): Promise<T> {
  const timer = new AbortController();
  const late = delay(deadlineMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`waited ${deadlineMs / 1000} s in vain until ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}

/** Everything a sentence needs to try a transport, and what takes it all down again. */
export class Kit {
  readonly name: string;
  readonly transport: Transport;
  readonly promises: Guarantees;
  readonly options: Options;
  #undo: (() => unknown)[] = [];

  constructor(name: string, transport: Transport) {
    this.name = name;
    this.transport = transport;
    this.promises = transport.guarantees;
    this.options = optionsFor(transport, { pollIntervalMs: 10 });
  }

  /** Whether it is seen here what the hub is told: not where another program hosts its own. */
  get seesApplication(): boolean {
    return this.promises.apps === undefined;
  }

  /**
   * Hosts a hub that records what it is told and adds every link to one room; `changes` says what else it does. A server that is another
   * program hosts its application `named` so instead, and nothing is recorded.
   */
  async serve(
    changes: Partial<Application> = {},
    overrides: Partial<Options> = {},
    named?: string,
  ): Promise<TestServer> {
    const seen: Pick<TestServer, "joined" | "left" | "received"> = { joined: [], left: [], received: [] };
    let room: Room | undefined;
    const app: App = (openRoom) => {
      const all = (room = openRoom());
      return {
        join(connection) {
          seen.joined.push(connection);
          all.add(connection);
          changes.join?.(connection);
        },
        receive(connection, payload, text) {
          seen.received.push({ link: connection, payload: Buffer.from(payload), text });
          changes.receive?.(connection, payload, text);
        },
        leave(connection) {
          seen.left.push(connection);
          changes.leave?.(connection);
        },
      };
    };
    const { default: serve } = await this.transport.server();
    const options = { ...this.options, ...overrides };
    const server = await serve(app, options, named);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> =>
      (closing ??= withinDeadline(server.close(), "the server's close() has resolved"));
    this.#undo.push(close);
    assertTls(this.name, server, options);
    return { addresses: server.addresses, traffic: () => server.traffic(), close, ...seen, room: room! };
  }

  /** A hub that answers each message to its sender. */
  echo(overrides: Partial<Options> = {}): Promise<TestServer> {
    return this.serve({ receive: (connection, payload, text) => connection.send(payload, text) }, overrides, "echo");
  }

  async connect(address: Address, overrides: Partial<Options> = {}): Promise<TestClient> {
    const got: ReceivedMessage[] = [];
    const ended: (Error | undefined)[] = [];
    const { default: connect } = await this.transport.client();
    const handler: ConnectionHandler = {
      receive(payload, text) {
        assert(this === handler, "receive() of the client's inbox was called by itself, not as inbox.receive(...)");
        got.push({ payload: Buffer.from(payload), text });
      },
      closed(error) {
        assert(this === handler, "closed() of the client's inbox was called by itself, not as inbox.closed(...)");
        ended.push(error);
      },
    };
    const connecting = connect(address, handler, { ...this.options, ...overrides });
    const connection = await withinDeadline(connecting, "connect() has resolved or rejected");
    this.#undo.push(() => connection.close());
    return {
      received: got,
      ended,
      send: (payload, text) => connection.send(payload, text),
      close: () => connection.close(),
    };
  }

  connectMany(count: number, address: Address): Promise<TestClient[]> {
    return Promise.all(Array.from({ length: count }, (_, i) => this.connect(address, { phase: i / count })));
  }

  /** A process that connects one client and keeps it until it is killed. Resolves when it is connected. */
  async connectElsewhere(address: Address, overrides: Partial<Options> = {}): Promise<ChildProcess> {
    const child = this.fork("connect", { address, options: { ...this.options, ...overrides } });
    let connected = false;
    child.once("message", () => (connected = true));
    await until(() => connected, "the other process has connected its client");
    return child;
  }

  /** A process of its own that does one of the tasks in child.ts. */
  fork(task: "connect" | "serve and stop", details: object): ChildProcess {
    const child = fork(new URL("./helper-process.js", import.meta.url), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#undo.push(() => child.kill("SIGKILL"));
    child.send({ task, transport: this.name, ...details });
    return child;
  }

  /** A relay in front of an address, which counts what passes as a capture would. */
  async relay(to: Address): Promise<TcpRelay> {
    const relay = to.protocol === "udp" ? await openUdpRelay(to) : await openTcpRelay(to);
    this.#undo.push(() => relay.close());
    return relay;
  }

  /** Somebody who does not know the protocol: says `bytes`, and leaves without a goodbye. */
  sendRaw(address: Address, bytes: Buffer | string): { leave(): void } {
    const stranger = address.protocol === "udp" ? sendRawDatagram(address, bytes) : sendRawTcp(address, bytes);
    this.#undo.push(() => stranger.leave());
    return stranger;
  }

  /** Takes down whatever the sentence left. */
  async tidy(): Promise<void> {
    for (const undo of this.#undo.splice(0).toReversed()) await undo();
  }
}

/** Runs one sentence against one transport, by its name on the list or the path of its module. */
export async function runCheck(name: string, sentence: Check): Promise<void> {
  const kit = new Kit(name, await loadTransport(name));
  try {
    await sentence.check(kit);
  } finally {
    await kit.tidy();
  }
}
