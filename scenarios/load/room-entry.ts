import { positionMark } from "../definitions/apps.ts";
import type { Assignment } from "../workload/assignment.ts";

/**
 * Time between two clients that enter the same room: the first is there before the second, whichever workers play them.
 */
const entryIntervalUs = 500;
/** Rooms that clients enter side by side. No server gets more than 10,000 entries a second. */
const roomsAtOnce = 5;

/**
 * First messages of a trial's clients. Each names the room of its client and is answered to it alone, which verifies
 * the connection. `prefix` sets the rooms of this trial apart on a server that serves others too.
 */
export class RoomEntry {
  private readonly start: Buffer;
  private readonly prefix: string | undefined;
  private readonly roomOf: Assignment["roomOf"];
  private readonly stepUs: number;

  constructor(roomOf: Assignment["roomOf"], rooms: number, prefix?: string) {
    this.roomOf = roomOf;
    this.prefix = prefix;
    this.start = Buffer.from(prefix === undefined ? "room " : `room ${prefix}-`);
    this.stepUs = entryIntervalUs / Math.min(roomsAtOnce, rooms);
  }

  /** True where the server serves others too. */
  get isShared(): boolean {
    return this.prefix !== undefined;
  }

  /**
   * The first message of a client. With the `position` up to which it has the messages of its room, the application sends
   * it those after that.
   */
  payloadOf(client: number, position?: number): Buffer {
    const after = position === undefined ? "" : `${positionMark}${position}`;
    return Buffer.from(`${this.start.toString()}${this.roomOf(client)}${after}`);
  }

  /** True for the answer to the first message of a client: the same text, with a position where a history is kept. */
  isAnswer(payload: Buffer, client: number): boolean {
    return payload.toString().split(positionMark)[0] === this.payloadOf(client).toString();
  }

  /** The position in an answer: the messages of the room so far. */
  positionIn(answer: Buffer): number {
    return Number(answer.toString().split(positionMark)[1]);
  }

  /**
   * Time at which the client with this `joinIndex` enters its room, in microseconds. Clients enter in the join order of the whole trial, so
   * servers know the members of each room in that order.
   */
  dueUs(joinIndex: number, startUs: number): number {
    return startUs + joinIndex * this.stepUs;
  }

  /**
   * True for the entry of a client that a server of somebody else repeats to others. It is no message of the schedule.
   */
  isEchoedEntry(payload: Buffer): boolean {
    return this.prefix !== undefined && payload.subarray(0, this.start.length).equals(this.start);
  }
}
