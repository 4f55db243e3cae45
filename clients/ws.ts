import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { opcodes } from "./lib/frames.ts";
import type { Viewed } from "./lib/viewed.ts";
import { openWebSocket, type Receiver, type WebSocketWire } from "./lib/websocket.ts";

/** Raw WebSocket, lean: one masked frame per message, no compression offered. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return openWebSocket(address, "/", options, (socket) => new WsLink(socket, inbox));
}

class WsLink implements Link, Receiver {
  private readonly socket: WebSocketWire;
  private readonly inbox: Inbox;

  constructor(socket: WebSocketWire, inbox: Inbox) {
    this.socket = socket;
    this.inbox = inbox;
  }

  message(from: Viewed, start: number, end: number, text: boolean): void {
    this.inbox.receive(from.view(start, end), text);
  }

  closed(error?: Error): void {
    this.inbox.closed(error);
  }

  send(payload: Buffer, text: boolean): void {
    if (!this.socket.isOpen()) return;
    const space = this.socket.begin(text ? opcodes.text : opcodes.binary, payload.length);
    payload.copy(space.bytes, space.at);
    this.socket.finish(space, payload.length);
  }

  close(): void {
    this.socket.close(1000);
  }
}
