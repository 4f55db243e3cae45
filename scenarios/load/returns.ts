import { nowUs } from "../lib/clock.ts";
import type { FaultLog } from "./fault-log.ts";
import type { PersistentClient } from "./persistent-client.ts";
import type { RoomEntry } from "./room-entry.ts";
import type { SendMessage } from "./sender.ts";

/** Clients that may come back. */
export interface ReturningClients {
  /** The clients, and their numbers, by slot. */
  clients: readonly PersistentClient[];
  numbers: ArrayLike<number>;
  entry: RoomEntry;
  /** Messages of each room that the application keeps. Default: none. */
  historyMessages: number | undefined;
  /** Set where the trial has a fault. */
  faultLog: FaultLog | undefined;
  send: SendMessage;
}

/**
 * What clients do that lose their connection and come back: they enter their rooms again, unless the server goes on with
 * the old connection, and say what they could not say meanwhile.
 */
export class Returns {
  /** Clients that have no connection at the moment and will be back. */
  away = 0;
  /** Messages that were due at a client without a connection and were said when it was back. */
  unsaid = 0;
  private readonly parts: ReturningClients;
  /** Place of each client in the history of its room, by slot. Set where the application keeps one. */
  private readonly positions: Float64Array | undefined;

  constructor(parts: ReturningClients) {
    this.parts = parts;
    if (parts.historyMessages !== undefined) this.positions = new Float64Array(parts.clients.length);
  }

  /** The client in `slot` has a message more. */
  received(slot: number): void {
    if (this.positions) this.positions[slot]!++;
  }

  /** The first message of the client in `slot` was answered. */
  entered(slot: number, answer: Buffer): void {
    this.parts.clients[slot]!.hasEntered = true;
    if (this.positions) this.positions[slot] = this.parts.entry.positionIn(answer);
  }

  lost(slot: number): void {
    const client = this.parts.clients[slot]!;
    this.away++;
    client.isAway = true;
    client.unsaid ??= [];
  }

  back(slot: number, resumed: boolean): void {
    const client = this.parts.clients[slot]!;
    this.away--;
    client.isAway = false;
    this.parts.faultLog?.log?.opened(slot, nowUs());
    if (!client.hasEntered) {
      if (!resumed && client.onFirstReply) this.sendEntry(slot);
      return this.present(slot);
    }
    if (!resumed) this.enterAgain(slot);
    else if (!client.onFirstReply) this.present(slot);
  }

  private sendEntry(slot: number, position?: number): void {
    const { clients, numbers, entry } = this.parts;
    clients[slot]!.connection!.send(entry.payloadOf(numbers[slot]!, position), true);
  }

  /** Sends the first message again, with the place in the history of the room where there is one. */
  private enterAgain(slot: number): void {
    const { clients, numbers, entry } = this.parts;
    const client = clients[slot]!;
    client.onFirstReply = (payload) => {
      if (!entry.isAnswer(payload, numbers[slot]!)) return;
      client.onFirstReply = undefined;
      if (this.positions) this.positions[slot] = this.positionBeforeReplay(slot, entry.positionIn(payload));
      this.present(slot);
    };
    this.sendEntry(slot, this.positions?.[slot]);
  }

  /** Place of a client in a history of so many messages, before those come that it has missed and the room still has. */
  private positionBeforeReplay(slot: number, length: number): number {
    const position = this.positions![slot]!;
    // The history of a server that has started again is shorter, and holds nothing for this client.
    return length < position ? length : Math.max(position, length - this.parts.historyMessages!);
  }

  /** A client is back in its room, and says what it could not say meanwhile. */
  private present(slot: number): void {
    const { clients, faultLog, send } = this.parts;
    const client = clients[slot]!;
    const { unsaid = [] } = client;
    client.unsaid = undefined;
    this.unsaid += unsaid.length;
    faultLog?.log?.back(slot, nowUs());
    for (const { message, dueUs } of unsaid) send(message, Math.round(nowUs() - dueUs));
  }
}
