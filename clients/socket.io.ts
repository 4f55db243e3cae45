import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { maskPayload, opcodes } from "./lib/websocket/frames.ts";
import { jsonStringBytes } from "./lib/polling/json-string.ts";
import { PacketReader, packets, textPacketBytes, writeTextPacket, type Listener } from "./lib/socket-io/packets.ts";
import type { Viewed } from "./lib/net/buffer-views.ts";
import { Conversation, openWebSocket } from "./lib/websocket/websocket.ts";
import type { Wire } from "./lib/net/connection.ts";

/** Where a Socket.IO server takes WebSockets. */
const target = "/socket.io/?EIO=4&transport=websocket";

/**
 * Socket.IO over WebSocket, lean: Engine.IO v4 and Socket.IO v5, one namespace, no reconnection. A text is put into JSON and taken out of
 * it as bytes, without a JavaScript string in between.
 */
export default async function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  const begin = (wire: Wire): SocketIoLink => new SocketIoLink(wire, inbox, options);
  const link = await openWebSocket(address, target, options.handshakeMs, begin);
  await link.entered;
  return link;
}

/** Joins over an open WebSocket: `entered` tells how that went. */
class SocketIoLink extends Conversation implements Link, Listener {
  readonly entered: Promise<void>;
  private readonly inbox: Inbox;
  private readonly packets: PacketReader;
  private stage: "joining" | "joined" | "leaving" | "sent away" = "joining";
  private silenceMs = 0;
  private patience: NodeJS.Timeout;
  private resolve!: () => void;
  private reject!: (error: Error) => void;

  constructor(wire: Wire, inbox: Inbox, { handshakeMs, maxPayloadBytes }: Options) {
    super(wire, { handshakeMs, maxPayloadBytes: 6 * maxPayloadBytes + 64 }); // JSON escapes at most sextuple a text
    this.entered = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.inbox = inbox;
    this.packets = new PacketReader(maxPayloadBytes, this);
    this.patience = setTimeout(() => this.lose(`let nobody in for ${handshakeMs} ms`), handshakeMs);
  }

  send(payload: Buffer, text: boolean): void {
    if (!this.isOpen()) return;
    if (text) return this.sayText(payload);
    this.say(opcodes.text, packets.announcement);
    this.say(opcodes.binary, payload);
  }

  close(): void {
    if (!this.isOpen()) return;
    this.say(opcodes.text, packets.leave);
    this.depart("leaving");
  }

  protected message(from: Viewed, start: number, end: number, text: boolean): void {
    this.packets.read(from, start, end, text);
  }

  protected ended(error?: Error): void {
    clearTimeout(this.patience);
    if (this.stage === "joining") this.reject(error ?? new Error("the Socket.IO server let nobody in"));
    else if (this.stage === "sent away") this.inbox.closed();
    else if (error || this.stage === "leaving") this.inbox.closed(error);
    else this.inbox.closed(new Error("the Socket.IO server left without a goodbye"));
  }

  opened(silenceMs: number): void {
    this.silenceMs = silenceMs;
    this.say(opcodes.text, packets.join);
  }

  joined(): void {
    this.stage = "joined";
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.lose(`was silent for ${this.silenceMs} ms`), this.silenceMs);
    this.resolve();
  }

  pinged(): void {
    this.patience.refresh();
    if (this.isOpen()) this.say(opcodes.text, packets.pong);
  }

  received(payload: Buffer, text: boolean): void {
    this.inbox.receive(payload, text);
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
