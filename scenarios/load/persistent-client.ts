import type { Connection, ConnectionHandler } from "../contract.ts";

/** What the clients of a worker are told by their connections, each with its slot: its place among them. */
export interface ClientEvents {
  receive(slot: number, payload: Buffer, isText: boolean, receivedBytes: number): void;
  closed(slot: number, error?: Error): void;
  lost(slot: number): void;
  back(slot: number, resumed: boolean): void;
}

/** A message that was due at a client without a connection. */
export interface UnsaidMessage {
  message: number;
  dueUs: number;
}

/** One virtual client that stays connected, as its connection sees it. */
export class PersistentClient implements ConnectionHandler {
  connection: Connection | undefined;
  /** Receives the messages until the client's first message was answered. */
  onFirstReply: ((payload: Buffer) => void) | undefined;
  /** Called when the client is dropped before that. */
  onDropped: (() => void) | undefined;
  /**
   * True once its first message was answered. Before that, who verifies the connection sends it. In a dialect there is
   * none: the steps of entering are part of connecting.
   */
  hasEntered = false;
  /** True while the client has no connection and will be back. */
  isAway = false;
  /** Messages that were due while the client had no connection. Undefined while it has one. */
  unsaid: UnsaidMessage[] | undefined;
  private readonly events: ClientEvents;
  private readonly slot: number;

  constructor(events: ClientEvents, slot: number) {
    this.events = events;
    this.slot = slot;
  }

  receive(payload: Buffer, isText: boolean, receivedBytes = payload.length): void {
    if (this.onFirstReply) this.onFirstReply(payload);
    else this.events.receive(this.slot, payload, isText, receivedBytes);
  }

  closed(error?: Error): void {
    this.events.closed(this.slot, error);
  }

  lost(): void {
    this.events.lost(this.slot);
  }

  back(resumed: boolean): void {
    this.events.back(this.slot, resumed);
  }
}
