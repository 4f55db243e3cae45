import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { recordHeaderBytes } from "../servers/lib/records.ts";
import { RecordReader, writeRecord } from "./lib/records.ts";
import type { Viewed } from "./lib/viewed.ts";
import { openWire, type Handlers, type Wire } from "./lib/wire.ts";

/** Raw TCP, lean: one record of 4 + payload bytes per message. */
export default async function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  const link = new TcpLink(inbox, options);
  link.wire = await openWire(address, options.handshakeMs, link);
  link.wire.keepAlive(options.heartbeatMs);
  return link;
}

class TcpLink implements Link, Handlers {
  wire!: Wire;
  private readonly inbox: Inbox;
  private readonly handshakeMs: number;
  private readonly records: RecordReader;

  constructor(inbox: Inbox, options: Options) {
    this.inbox = inbox;
    this.handshakeMs = options.handshakeMs;
    this.records = new RecordReader(options.maxPayloadBytes, inbox, (error) => this.wire.destroy(error));
  }

  data(from: Viewed, start: number, end: number): void {
    this.records.read(from, start, end);
  }

  closed(error?: Error): void {
    const broken = this.records.midway() ? new Error("the stream ended within a record") : undefined;
    this.inbox.closed(error ?? broken);
  }

  send(payload: Buffer, text: boolean): void {
    if (this.wire.isOpen()) writeRecord(this.wire.reserve(recordHeaderBytes + payload.length), payload, text);
  }

  close(): void {
    this.wire.end();
    this.wire.expireIn(this.handshakeMs, `the goodbye was not answered in ${this.handshakeMs} ms`);
  }
}
