import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { recordHeaderBytes } from "../servers/protocols/records.ts";
import { RecordReader, writeRecord } from "./lib/tcp/records.ts";
import { openConnection, type SocketHandlers, type RawConnection } from "./lib/net/connection.ts";

/** Raw TCP, lean: one record of 4 + payload bytes per message. */
export default async function connect(
  address: Address,
  inbox: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const link = new TcpLink(inbox, options);
  link.wire = await openConnection(address, options.handshakeMs, link);
  link.wire.keepAlive(options.heartbeatMs);
  return link;
}

class TcpLink extends RecordReader implements Connection, SocketHandlers {
  wire!: RawConnection;
  private readonly inbox: ConnectionHandler;
  private readonly handshakeMs: number;

  constructor(inbox: ConnectionHandler, { maxPayloadBytes, handshakeMs }: Options) {
    super(maxPayloadBytes);
    this.inbox = inbox;
    this.handshakeMs = handshakeMs;
  }

  protected receive(payload: Buffer, text: boolean): void {
    this.inbox.receive(payload, text);
  }

  protected refuse(error: RangeError): void {
    this.wire.destroy(error);
  }

  closed(error?: Error): void {
    this.inbox.closed(error ?? (this.midway() ? new Error("the stream ended within a record") : undefined));
  }

  send(payload: Buffer, text: boolean): void {
    if (this.wire.isOpen()) writeRecord(this.wire.reserve(recordHeaderBytes + payload.length), payload, text);
  }

  close(): void {
    this.wire.end();
    this.wire.setExpiry(this.handshakeMs, `the goodbye was not answered in ${this.handshakeMs} ms`);
  }
}
