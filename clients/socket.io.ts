import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { opcodes } from "./lib/frames.ts";
import { jsonStringBytes } from "./lib/json-string.ts";
import { PacketReader, packets, textPacketBytes, writeTextPacket, type Listener } from "./lib/packets.ts";
import type { Viewed } from "./lib/viewed.ts";
import { openWebSocket, type Receiver, type WebSocketWire } from "./lib/websocket.ts";

/** Where a Socket.IO server takes WebSockets. */
const target = "/socket.io/?EIO=4&transport=websocket";

/**
 * Socket.IO over WebSocket, lean: Engine.IO v4 and Socket.IO v5, one namespace, no reconnection. A text is put into JSON and taken out of
 * it as bytes, without a JavaScript string in between.
 */
export default async function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  // JSON escapes at most sextuple a text.
  const limits = { handshakeMs: options.handshakeMs, maxPayloadBytes: 6 * options.maxPayloadBytes + 64 };
  const link = await openWebSocket(address, target, limits, (socket) => new SocketIoLink(socket, inbox, options));
  await link.entered;
  return link;
}

/** Joins over an open WebSocket: `entered` tells how that went. */
class SocketIoLink implements Link, Receiver, Listener {
  readonly entered: Promise<void>;
  private readonly socket: WebSocketWire;
  private readonly inbox: Inbox;
  private readonly packets: PacketReader;
  private stage: "joining" | "joined" | "leaving" | "sent away" = "joining";
  private silenceMs = 0;
  private patience: NodeJS.Timeout;
  private resolve!: () => void;
  private reject!: (error: Error) => void;

  constructor(socket: WebSocketWire, inbox: Inbox, { handshakeMs, maxPayloadBytes }: Options) {
    this.entered = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.socket = socket;
    this.inbox = inbox;
    this.packets = new PacketReader(maxPayloadBytes, this);
    this.patience = setTimeout(() => this.lose(`let nobody in for ${handshakeMs} ms`), handshakeMs);
  }

  send(payload: Buffer, text: boolean): void {
    if (!this.socket.isOpen()) return;
    if (text) return sayText(this.socket, payload);
    say(this.socket, packets.announcement);
    say(this.socket, payload, opcodes.binary);
  }

  close(): void {
    if (!this.socket.isOpen()) return;
    say(this.socket, packets.leave);
    this.leave("leaving");
  }

  message(from: Viewed, start: number, end: number, text: boolean): void {
    this.packets.read(from, start, end, text);
  }

  closed(error?: Error): void {
    clearTimeout(this.patience);
    if (this.stage === "joining") this.reject(error ?? new Error("the Socket.IO server let nobody in"));
    else if (this.stage === "sent away") this.inbox.closed();
    else if (error || this.stage === "leaving") this.inbox.closed(error);
    else this.inbox.closed(new Error("the Socket.IO server left without a goodbye"));
  }

  opened(silenceMs: number): void {
    this.silenceMs = silenceMs;
    say(this.socket, packets.join);
  }

  joined(): void {
    this.stage = "joined";
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.lose(`was silent for ${this.silenceMs} ms`), this.silenceMs);
    this.resolve();
  }

  ping(): void {
    this.patience.refresh();
    if (this.socket.isOpen()) say(this.socket, packets.pong);
  }

  receive(payload: Buffer, text: boolean): void {
    this.inbox.receive(payload, text);
  }

  left(): void {
    this.leave("sent away");
  }

  refuse(error: Error): void {
    this.socket.fail(error);
  }

  private lose(why: string): void {
    this.socket.fail(new Error(`the Socket.IO server ${why}`));
  }

  private leave(how: "leaving" | "sent away"): void {
    clearTimeout(this.patience);
    this.stage = how;
    this.socket.close();
  }
}

function say(socket: WebSocketWire, payload: Buffer, opcode: number = opcodes.text): void {
  const space = socket.begin(opcode, payload.length);
  payload.copy(space.bytes, space.at);
  socket.finish(space, payload.length);
}

function sayText(socket: WebSocketWire, text: Buffer): void {
  const stringBytes = jsonStringBytes(text);
  const packetBytes = textPacketBytes(stringBytes);
  const space = socket.begin(opcodes.text, packetBytes);
  writeTextPacket(space.bytes, space.at, text, stringBytes);
  socket.finish(space, packetBytes);
}
