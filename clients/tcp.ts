import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { recordHeaderBytes } from "../servers/protocols/records.ts";
import { LeanRecordReader, writeRecord } from "./lib/tcp/lean-records.ts";
import { openConnection, type SocketHandlers, type RawConnection } from "./lib/net/connection.ts";

/** Raw TCP, lean client: one record of 4 + payload bytes per message. */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const connection = new TcpConnection(handler, options);
  connection.raw = await openConnection(address, options.handshakeMs, connection);
  connection.raw.keepAlive(options.heartbeatMs);
  return connection;
}

class TcpConnection extends LeanRecordReader implements Connection, SocketHandlers {
  raw!: RawConnection;
  private readonly handler: ConnectionHandler;
  private readonly handshakeMs: number;

  constructor(handler: ConnectionHandler, { maxPayloadBytes, handshakeMs }: Options) {
    super(maxPayloadBytes);
    this.handler = handler;
    this.handshakeMs = handshakeMs;
  }

  protected receive(payload: Buffer, text: boolean): void {
    this.handler.receive(payload, text);
  }

  protected refuse(error: RangeError): void {
    this.raw.destroy(error);
  }

  closed(error?: Error): void {
    this.handler.closed(error ?? (this.endsWithinUnit() ? new Error("the stream ended within a record") : undefined));
  }

  send(payload: Buffer, text: boolean): void {
    if (this.raw.isOpen()) writeRecord(this.raw.reserve(recordHeaderBytes + payload.length), payload, text);
  }

  close(): void {
    this.raw.end();
    this.raw.setExpiry(this.handshakeMs, `the server did not close within ${this.handshakeMs} ms`);
  }
}
