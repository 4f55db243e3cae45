import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { opcodes } from "./lib/websocket/frames.ts";
import type { BufferView } from "./lib/net/buffer-views.ts";
import { WebSocketEndpoint, openWebSocket } from "./lib/websocket/websocket.ts";
import type { RawConnection } from "./lib/net/connection.ts";

/** Raw WebSocket, lean client: one masked frame per message, without compression. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return openWebSocket(
    address,
    address.path ?? "/",
    options.handshakeMs,
    (connection) => new WsConnection(connection, handler, options),
  );
}

class WsConnection extends WebSocketEndpoint implements Connection {
  private readonly handler: ConnectionHandler;

  constructor(connection: RawConnection, handler: ConnectionHandler, options: Options) {
    super(connection, options);
    this.handler = handler;
  }

  send(payload: Buffer, text: boolean): void {
    if (this.isOpen()) this.sendFrame(text ? opcodes.text : opcodes.binary, payload);
  }

  close(): void {
    this.startClose(1000);
  }

  protected message(from: BufferView, start: number, end: number, text: boolean): void {
    this.handler.receive(from.view(start, end), text);
  }

  protected ended(error?: Error): void {
    this.handler.closed(error);
  }
}
