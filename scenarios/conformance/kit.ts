import { fork, type ChildProcess } from "node:child_process";
import { createServer, connect as netConnect, type Server as NetServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Address, App, Hub, Link, Options, Room, Server, Transport } from "../contract.ts";
import { loadTransport, optionsFor } from "../transports.ts";

/** A sentence that every transport is held to. It throws where the transport does not keep it. */
export interface Sentence {
  says: string;
  check(kit: Kit): Promise<void>;
}

/** A message as it arrived, copied. */
export interface Message {
  payload: Buffer;
  text: boolean;
}

/** A connected client and all that happened to it. */
export interface Client extends Link {
  got: Message[];
  /** One entry per call of `closed`. */
  ended: (Error | undefined)[];
}

/** A server and all that its hub was told. */
export interface Host extends Server {
  joined: Link[];
  left: Link[];
  heard: (Message & { link: Link })[];
  room: Room;
}

/** Milliseconds after which a condition that does not come true has failed. */
const deadlineMs = 10_000;

/** Waits until `condition` holds; after ten seconds it throws, naming `what`. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs / 1000} s in vain until ${what}`);
    await delay(2);
  }
}

/** Everything a sentence needs to try a transport, and what takes it all down again. */
export class Kit {
  readonly name: string;
  readonly transport: Transport;
  readonly options: Options;
  #undo: (() => unknown)[] = [];

  constructor(name: string, transport: Transport) {
    this.name = name;
    this.transport = transport;
    this.options = optionsFor(transport, { pollIntervalMs: 10 });
  }

  /** Hosts a hub that records what it is told and adds every link to one room; `changes` says what else it does. */
  async serve(changes: Partial<Hub> = {}, overrides: Partial<Options> = {}): Promise<Host> {
    const seen: Pick<Host, "joined" | "left" | "heard"> = { joined: [], left: [], heard: [] };
    let room: Room | undefined;
    const app: App = (openRoom) => {
      const all = (room = openRoom());
      return {
        join(link) {
          seen.joined.push(link);
          all.add(link);
          changes.join?.(link);
        },
        receive(link, payload, text) {
          seen.heard.push({ link, payload: Buffer.from(payload), text });
          changes.receive?.(link, payload, text);
        },
        leave(link) {
          seen.left.push(link);
          changes.leave?.(link);
        },
      };
    };
    const { default: serve } = await this.transport.server();
    const server = await serve(app, { ...this.options, ...overrides });
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => (closing ??= server.close());
    this.#undo.push(close);
    return { addresses: server.addresses, traffic: () => server.traffic(), close, ...seen, room: room! };
  }

  /** A hub that answers each message to its sender. */
  echo(overrides: Partial<Options> = {}): Promise<Host> {
    return this.serve({ receive: (link, payload, text) => link.send(payload, text) }, overrides);
  }

  async connect(address: Address, overrides: Partial<Options> = {}): Promise<Client> {
    const got: Message[] = [];
    const ended: (Error | undefined)[] = [];
    const { default: connect } = await this.transport.client();
    const link = await connect(
      address,
      {
        receive: (payload, text) => void got.push({ payload: Buffer.from(payload), text }),
        closed: (error) => void ended.push(error),
      },
      { ...this.options, ...overrides },
    );
    this.#undo.push(() => link.close());
    return { got, ended, send: (payload, text) => link.send(payload, text), close: () => link.close() };
  }

  connectMany(count: number, address: Address): Promise<Client[]> {
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
    const child = fork(new URL("./child.js", import.meta.url), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#undo.push(() => child.kill("SIGKILL"));
    child.send({ task, transport: this.name, ...details });
    return child;
  }

  /** A TCP relay in front of an address, which counts what passes as a capture would. */
  async relay(to: Address): Promise<{ address: Address; in: () => number; out: () => number }> {
    const ends: { client: Socket; server: Socket }[] = [];
    const relay: NetServer = createServer((client) => {
      const server = netConnect(to);
      ends.push({ client, server });
      for (const end of [client, server]) end.on("error", () => undefined).setNoDelay(true);
      client.pipe(server).pipe(client);
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    this.#undo.push(() => {
      relay.close();
      for (const pair of ends) for (const end of [pair.client, pair.server]) end.destroy();
    });
    const sum = (end: "client" | "server") => () => ends.reduce((bytes, pair) => bytes + pair[end].bytesRead, 0);
    return {
      address: { host: "127.0.0.1", port: (relay.address() as { port: number }).port },
      in: sum("client"),
      out: sum("server"),
    };
  }

  /** Somebody who does not know the protocol: writes `bytes` and notes whether the server ended it and what it said. */
  stranger(address: Address, bytes: Buffer | string): { ended: () => boolean; said: () => string; leave(): void } {
    let ended = false;
    let said = "";
    const socket = netConnect(address, () => void socket.write(bytes));
    socket.on("data", (chunk) => (said += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => (ended = true));
    this.#undo.push(() => socket.destroy());
    return { ended: () => ended, said: () => said, leave: () => socket.resetAndDestroy() };
  }

  /** Takes down whatever the sentence left. */
  async tidy(): Promise<void> {
    for (const undo of this.#undo.splice(0).toReversed()) await undo();
  }
}

/** Runs one sentence against one transport, by its name on the list or the path of its module. */
export async function hold(name: string, sentence: Sentence): Promise<void> {
  const kit = new Kit(name, await loadTransport(name));
  try {
    await sentence.check(kit);
  } finally {
    await kit.tidy();
  }
}
