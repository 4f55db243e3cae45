import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { opcodes } from "./lib/websocket/frames.ts";
import type { BufferView } from "./lib/net/buffer-views.ts";
import { WebSocketEndpoint, openWebSocket } from "./lib/websocket/websocket.ts";
import type { RawConnection } from "./lib/net/connection.ts";

/** Raw WebSocket, lean: one masked frame per message, no compression offered. */
export default function connect(address: Address, inbox: ConnectionHandler, options: Options): Promise<Connection> {
  return openWebSocket(address, "/", options.handshakeMs, (wire) => new WsLink(wire, inbox, options));
}

class WsLink extends WebSocketEndpoint implements Connection {
  private readonly inbox: ConnectionHandler;

  constructor(wire: RawConnection, inbox: ConnectionHandler, options: Options) {
    super(wire, options);
    this.inbox = inbox;
  }

  send(payload: Buffer, text: boolean): void {
    if (this.isOpen()) this.sendFrame(text ? opcodes.text : opcodes.binary, payload);
  }

  close(): void {
    this.leave(1000);
  }

  protected message(from: BufferView, start: number, end: number, text: boolean): void {
    this.inbox.receive(from.view(start, end), text);
  }

  protected ended(error?: Error): void {
    this.inbox.closed(error);
  }
}
