import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { maskPayload, opcodes } from "./lib/websocket/frames.ts";
import { jsonStringBytes } from "./lib/polling/json-string.ts";
import {
  PacketReader,
  packetStarts,
  textPacketBytes,
  writeTextPacket,
  type PacketHandler,
} from "./lib/socket-io/packets.ts";
import type { BufferView } from "./lib/net/buffer-views.ts";
import { WebSocketEndpoint, openWebSocket } from "./lib/websocket/websocket.ts";
import type { RawConnection } from "./lib/net/connection.ts";

/** Where a Socket.IO server takes WebSockets. */
const target = "/socket.io/?EIO=4&transport=websocket";

/**
 * Socket.IO over WebSocket, lean: Engine.IO v4 and Socket.IO v5, one namespace, no reconnection. A text is put into JSON and taken out of
 * it as bytes, without a JavaScript string in between.
 */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const begin = (connection: RawConnection): SocketIoLink => new SocketIoLink(connection, handler, options);
  const connection = await openWebSocket(address, target, options.handshakeMs, begin);
  await connection.entered;
  return connection;
}

/** Joins over an open WebSocket: `entered` tells how that went. */
class SocketIoLink extends WebSocketEndpoint implements Connection, PacketHandler {
  readonly entered: Promise<void>;
  private readonly handler: ConnectionHandler;
  private readonly packets: PacketReader;
  private stage: "joining" | "joined" | "leaving" | "sent away" = "joining";
  private silenceMs = 0;
  private patience: NodeJS.Timeout;
  private resolve!: () => void;
  private reject!: (error: Error) => void;

  constructor(connection: RawConnection, handler: ConnectionHandler, { handshakeMs, maxPayloadBytes }: Options) {
    super(connection, { handshakeMs, maxPayloadBytes: 6 * maxPayloadBytes + 64 }); // JSON escapes at most sextuple a text
    this.entered = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.handler = handler;
    this.packets = new PacketReader(maxPayloadBytes, this);
    this.patience = setTimeout(() => this.lose(`let nobody in for ${handshakeMs} ms`), handshakeMs);
  }

  send(payload: Buffer, text: boolean): void {
    if (!this.isOpen()) return;
    if (text) return this.sayText(payload);
    this.sendFrame(opcodes.text, packetStarts.announcement);
    this.sendFrame(opcodes.binary, payload);
  }

  close(): void {
    if (!this.isOpen()) return;
    this.sendFrame(opcodes.text, packetStarts.leave);
    this.depart("leaving");
  }

  protected message(from: BufferView, start: number, end: number, text: boolean): void {
    this.packets.read(from, start, end, text);
  }

  protected ended(error?: Error): void {
    clearTimeout(this.patience);
    if (this.stage === "joining") this.reject(error ?? new Error("the Socket.IO server let nobody in"));
    else if (this.stage === "sent away") this.handler.closed();
    else if (error || this.stage === "leaving") this.handler.closed(error);
    else this.handler.closed(new Error("the Socket.IO server left without a goodbye"));
  }

  opened(silenceMs: number): void {
    this.silenceMs = silenceMs;
    this.sendFrame(opcodes.text, packetStarts.join);
  }

  joined(): void {
    this.stage = "joined";
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.lose(`was silent for ${this.silenceMs} ms`), this.silenceMs);
    this.resolve();
  }

  pinged(): void {
    this.patience.refresh();
    if (this.isOpen()) this.sendFrame(opcodes.text, packetStarts.pong);
  }

  received(payload: Buffer, text: boolean): void {
    this.handler.receive(payload, text);
  }

  left(): void {
    this.depart("sent away");
  }

  refused(error: Error): void {
    this.fail(error);
  }

  private sayText(text: Buffer): void {
    const stringBytes = jsonStringBytes(text);
    const packetBytes = textPacketBytes(stringBytes);
    const space = this.begin(opcodes.text, packetBytes);
    writeTextPacket(space.bytes, space.at, text, stringBytes);
    maskPayload(space, packetBytes);
  }

  private lose(why: string): void {
    this.fail(new Error(`the Socket.IO server ${why}`));
  }

  private depart(how: "leaving" | "sent away"): void {
    clearTimeout(this.patience);
    this.stage = how;
    this.leave();
  }
}
