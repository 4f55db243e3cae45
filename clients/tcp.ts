import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { recordHeaderBytes } from "../servers/protocols/records.ts";
import { RecordReader, writeRecord } from "./lib/tcp/records.ts";
import { openConnection, type SocketHandlers, type RawConnection } from "./lib/net/connection.ts";

/** Raw TCP, lean: one record of 4 + payload bytes per message. */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const connection = new TcpLink(handler, options);
  connection.connection = await openConnection(address, options.handshakeMs, connection);
  connection.connection.keepAlive(options.heartbeatMs);
  return connection;
}

class TcpLink extends RecordReader implements Connection, SocketHandlers {
  connection!: RawConnection;
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
    this.connection.destroy(error);
  }

  closed(error?: Error): void {
    this.handler.closed(error ?? (this.midway() ? new Error("the stream ended within a record") : undefined));
  }

  send(payload: Buffer, text: boolean): void {
    if (this.connection.isOpen())
      writeRecord(this.connection.reserve(recordHeaderBytes + payload.length), payload, text);
  }

  close(): void {
    this.connection.end();
    this.connection.setExpiry(this.handshakeMs, `the goodbye was not answered in ${this.handshakeMs} ms`);
  }
}
