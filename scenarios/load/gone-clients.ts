import { isUnknownSession } from "../lib/answer-error.ts";
import { nowUs } from "../lib/clock.ts";
import { errorMessage } from "../lib/errors.ts";
import type { GoneClient } from "../workload/gone-client.ts";

/** Called when a client is refused or dropped. */
export type WhenGone = (gone: GoneClient) => void;

/** A dropped client: its slot in this worker, its number, and the end of its connection. */
export interface EndedConnection {
  slot: number;
  client: number;
  endUs: number;
}

/** The clients of one worker that were refused or dropped, by slot. It costs a message nothing. */
export class GoneClients {
  private readonly bySlot = new Map<number, GoneClient>();
  private readonly whenGone: WhenGone;

  constructor(whenGone: WhenGone) {
    this.whenGone = whenGone;
  }

  get count(): number {
    return this.bySlot.size;
  }

  has(slot: number): boolean {
    return this.bySlot.has(slot);
  }

  /** The client in `slot` was not let in. */
  refuse(slot: number, client: number, error: unknown): void {
    this.add(slot, {
      client,
      how: "refused",
      atUs: nowUs(),
      reason: errorMessage(error),
      sessionUnknown: isUnknownSession(error, false),
      silentUs: undefined,
    });
  }

  /** The connection of the client in `slot` has ended; without an error as the protocol says. */
  drop(slot: number, client: number, error?: Error): void {
    this.add(slot, {
      client,
      how: "dropped",
      atUs: nowUs(),
      reason: error?.message ?? "the server closed the connection",
      sessionUnknown: isUnknownSession(error, true),
      silentUs: undefined,
    });
  }

  private add(slot: number, gone: GoneClient): void {
    this.bySlot.set(slot, gone);
    this.whenGone(gone);
  }

  /** All of them. `lastMessages` gives the time of the last message on each of these connections. */
  list(lastMessages: (ended: readonly EndedConnection[]) => readonly number[]): GoneClient[] {
    const dropped = [...this.bySlot].filter(([, { how }]) => how === "dropped");
    const lastUs = lastMessages(dropped.map(([slot, { client, atUs }]) => ({ slot, client, endUs: atUs })));
    const silence = new Map(dropped.map(([slot, { atUs }], i) => [slot, atUs - lastUs[i]!]));
    return [...this.bySlot].map(([slot, gone]) => ({ ...gone, silentUs: silence.get(slot) }));
  }
}
