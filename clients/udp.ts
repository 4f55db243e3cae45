import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import type { Address, ByteCounts, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { datagramBytes } from "../scenarios/lib/client-bytes.ts";
import {
  pingsPerHeartbeat,
  nonceBytes,
  cookieBytes,
  datagram,
  datagramKinds,
  maxDatagramPayloadBytes,
} from "../servers/protocols/datagrams.ts";

/** Number of repetitions of a hello, a join or a leave within `handshakeMs`. */
const maxRepeats = 16;

/**
 * UDP through `node:dgram`: one datagram of 1 + payload bytes per message. The connection ends when the server has sent
 * no ping for 2.25 heartbeats.
 */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const connection = new UdpConnection(address, handler, options);
  await connection.ready;
  return connection;
}

/** Connects on creation. `ready` resolves or rejects with the result. */
class UdpConnection implements Connection {
  readonly ready: Promise<void>;
  private readonly address: Address;
  private readonly handler: ConnectionHandler;
  private readonly options: Options;
  private readonly socket: Socket;
  private readonly bytes: ByteCounts;
  private readonly nonce = randomBytes(nonceBytes);
  private state: "connecting" | "open" | "closing" | "closed" = "connecting";
  private repeats: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;
  private resolve!: () => void;
  private reject!: (error: Error) => void;

  constructor(address: Address, handler: ConnectionHandler, options: Options) {
    this.address = address;
    this.handler = handler;
    this.options = options;
    this.bytes = datagramBytes(address);
    this.ready = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.socket = createSocket({ type: "udp4", recvBufferSize: options.queueBytes });
    this.socket.on("message", (bytes) => this.receive(bytes));
    // A connected socket gets an error where nothing listens (ICMP port unreachable).
    this.socket.on("error", (error) => this.finish(error));
    this.socket.bind({ ...(address.localAddress !== undefined && { address: address.localAddress }) }, () =>
      this.socket.connect(address.port, address.host, () =>
        this.sendUntilAnswered(datagram(datagramKinds.hello, Buffer.alloc(cookieBytes))),
      ),
    );
  }

  send(payload: Buffer, text: boolean): void {
    if (this.state !== "open") return;
    if (payload.length <= maxDatagramPayloadBytes)
      return this.sendBytes(datagram(text ? datagramKinds.text : datagramKinds.binary, payload));
    this.sendBytes(datagram(datagramKinds.leave));
    this.finish(
      new RangeError(`a datagram holds at most ${maxDatagramPayloadBytes} bytes, the payload has ${payload.length}`),
    );
  }

  close(): void {
    if (this.state !== "open") return;
    this.state = "closing";
    this.sendUntilAnswered(datagram(datagramKinds.leave));
  }

  private sendBytes(bytes: Buffer): void {
    this.bytes.in += bytes.length;
    this.socket.send(bytes);
  }

  private receive(bytes: Buffer): void {
    this.bytes.out += bytes.length;
    switch (bytes[0]) {
      case datagramKinds.text:
        return this.handler.receive(bytes.subarray(1), true);
      case datagramKinds.binary:
        return this.handler.receive(bytes.subarray(1), false);
      case datagramKinds.ping:
        return this.answerPing();
      case datagramKinds.cookie:
        return this.join(bytes.subarray(1, 1 + cookieBytes));
      case datagramKinds.welcome:
        return this.opened();
      case datagramKinds.closed:
        return this.finish();
    }
  }

  private join(cookie: Buffer): void {
    if (this.state === "connecting") this.sendUntilAnswered(datagram(datagramKinds.join, cookie, this.nonce));
  }

  private opened(): void {
    if (this.state !== "connecting") return;
    this.state = "open";
    clearInterval(this.repeats);
    const silenceMs = (2 + 1 / pingsPerHeartbeat) * this.options.heartbeatMs;
    this.silence = setTimeout(() => this.finish(new Error(`the server sent no ping for ${silenceMs} ms`)), silenceMs);
    this.resolve();
  }

  private answerPing(): void {
    this.silence?.refresh();
    if (this.state === "open") this.sendBytes(datagram(datagramKinds.pong));
  }

  /** Sends a datagram and repeats it until the next one is sent this way, or until `handshakeMs` is over. */
  private sendUntilAnswered(bytes: Buffer): void {
    let left = maxRepeats;
    clearInterval(this.repeats);
    this.repeats = setInterval(
      () => (left-- > 0 ? this.sendBytes(bytes) : this.giveUp()),
      this.options.handshakeMs / maxRepeats,
    );
    this.sendBytes(bytes);
  }

  private giveUp(): void {
    const { host, port } = this.address;
    const error = new Error(`no response from ${host}:${port} within ${this.options.handshakeMs} ms`);
    this.finish(this.state === "connecting" ? error : undefined);
  }

  private finish(error?: Error): void {
    const { state, address } = this;
    if (state === "closed") return;
    this.state = "closed";
    clearInterval(this.repeats);
    clearTimeout(this.silence);
    this.socket.close();
    if (state === "connecting") this.reject(error ?? new Error(`${address.host}:${address.port} refused the client`));
    else this.handler.closed(error);
  }
}
