import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { maskPayload, opcodes } from "./lib/websocket/frames.ts";
import { jsonStringBytes } from "./lib/polling/json-string.ts";
import {
  PacketReader,
  clientPackets,
  textPacketBytes,
  writeTextPacket,
  type PacketHandler,
} from "./lib/socket-io/packets.ts";
import type { BufferView } from "./lib/net/buffer-views.ts";
import { WebSocketEndpoint, openWebSocket } from "./lib/websocket/websocket.ts";
import type { RawConnection } from "./lib/net/connection.ts";

/** Request target of a Socket.IO server's WebSocket. */
const target = "/socket.io/?EIO=4&transport=websocket";

/**
 * Socket.IO over WebSocket, lean client: Engine.IO v4 and Socket.IO v5, one namespace, no reconnection. Text is written
 * into JSON and read out of JSON as bytes, without a JavaScript string in between.
 */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const create = (raw: RawConnection): SocketIoConnection => new SocketIoConnection(raw, handler, options);
  const connection = await openWebSocket(address, target, options.handshakeMs, create);
  await connection.ready;
  return connection;
}

/** Connects to the default namespace over an open WebSocket. `ready` resolves or rejects with the result. */
class SocketIoConnection extends WebSocketEndpoint implements Connection, PacketHandler {
  readonly ready: Promise<void>;
  private readonly handler: ConnectionHandler;
  private readonly packets: PacketReader;
  private stage: "connecting" | "connected" | "closing" | "disconnected" = "connecting";
  private silenceMs = 0;
  /** Ends a connection attempt that takes too long; later, a connection without heartbeats. */
  private timeout: NodeJS.Timeout;
  private resolve!: () => void;
  private reject!: (error: Error) => void;

  constructor(connection: RawConnection, handler: ConnectionHandler, { handshakeMs, maxPayloadBytes }: Options) {
    // JSON's escapes take at most six bytes per byte of a text.
    super(connection, { handshakeMs, maxPayloadBytes: 6 * maxPayloadBytes + 64 });
    this.ready = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.handler = handler;
    this.packets = new PacketReader(maxPayloadBytes, this);
    this.timeout = setTimeout(() => this.failServer(`did not accept the client within ${handshakeMs} ms`), handshakeMs);
  }

  send(payload: Buffer, text: boolean): void {
    if (!this.isOpen()) return;
    if (text) return this.sendText(payload);
    this.sendFrame(opcodes.text, clientPackets.binaryEvent);
    this.sendFrame(opcodes.binary, payload);
  }

  close(): void {
    if (!this.isOpen()) return;
    this.sendFrame(opcodes.text, clientPackets.disconnect);
    this.closeAs("closing");
  }

  protected message(from: BufferView, start: number, end: number, text: boolean): void {
    this.packets.read(from, start, end, text);
  }

  protected ended(error?: Error): void {
    clearTimeout(this.timeout);
    if (this.stage === "connecting")
      this.reject(error ?? new Error("the Socket.IO server closed before it accepted the client"));
    else if (this.stage === "disconnected") this.handler.closed();
    else if (error || this.stage === "closing") this.handler.closed(error);
    else this.handler.closed(new Error("the Socket.IO server closed without a DISCONNECT packet"));
  }

  opened(silenceMs: number): void {
    this.silenceMs = silenceMs;
    this.sendFrame(opcodes.text, clientPackets.connect);
  }

  connected(): void {
    this.stage = "connected";
    clearTimeout(this.timeout);
    this.timeout = setTimeout(() => this.failServer(`was silent for ${this.silenceMs} ms`), this.silenceMs);
    this.resolve();
  }

  pinged(): void {
    this.timeout.refresh();
    if (this.isOpen()) this.sendFrame(opcodes.text, clientPackets.pong);
  }

  received(payload: Buffer, text: boolean): void {
    this.handler.receive(payload, text);
  }

  disconnected(): void {
    this.closeAs("disconnected");
  }

  refused(error: Error): void {
    this.fail(error);
  }

  private sendText(text: Buffer): void {
    const stringBytes = jsonStringBytes(text);
    const packetBytes = textPacketBytes(stringBytes);
    const space = this.begin(opcodes.text, packetBytes);
    writeTextPacket(space.bytes, space.at, text, stringBytes);
    maskPayload(space, packetBytes);
  }

  private failServer(problem: string): void {
    this.fail(new Error(`the Socket.IO server ${problem}`));
  }

  private closeAs(stage: "closing" | "disconnected"): void {
    clearTimeout(this.timeout);
    this.stage = stage;
    this.startClose();
  }
}
