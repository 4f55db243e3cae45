import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { opcodes } from "./lib/websocket/frames.ts";
import type { Viewed } from "./lib/net/buffer-views.ts";
import { Conversation, openWebSocket } from "./lib/websocket/websocket.ts";
import type { Wire } from "./lib/net/connection.ts";

/** Raw WebSocket, lean: one masked frame per message, no compression offered. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return openWebSocket(address, "/", options.handshakeMs, (wire) => new WsLink(wire, inbox, options));
}

class WsLink extends Conversation implements Link {
  private readonly inbox: Inbox;

  constructor(wire: Wire, inbox: Inbox, options: Options) {
    super(wire, options);
    this.inbox = inbox;
  }

  send(payload: Buffer, text: boolean): void {
    if (this.isOpen()) this.say(text ? opcodes.text : opcodes.binary, payload);
  }

  close(): void {
    this.leave(1000);
  }

  protected message(from: Viewed, start: number, end: number, text: boolean): void {
    this.inbox.receive(from.view(start, end), text);
  }

  protected ended(error?: Error): void {
    this.inbox.closed(error);
  }
}
