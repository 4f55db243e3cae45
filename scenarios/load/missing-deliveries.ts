import type { Assignment } from "../workload/assignment.ts";
import { absences, type Absence } from "../workload/gone-client.ts";
import type { Schedule } from "../workload/schedule.ts";

/** Senders, the room in which each is received, the room of a receiver, and whether a sender hears itself. */
export type Audience = Pick<Assignment, "allSenders" | "audienceRoom" | "roomOf"> &
  Partial<Pick<Assignment, "speakerExcluded">>;

/** A delivery that did not come. Plain data: it crosses a process border. */
export interface MissingDelivery {
  /** Index of the message in the schedule. */
  message: number;
  /** Number of the message among those of its sender, warm-up included, from 0. */
  seq: number;
  /** Number of the client that sent it; from the number of clients on: the server. */
  sender: number;
  /** Number of the client that did not get it; -1 is the server. */
  receiver: number;
}

/** The expected deliveries to some receivers that have not come. Plain data: it crosses a process border. */
export interface MissingDeliveries {
  /** Of those that no lost connection explains, the one whose message was due first. Undefined without one. */
  first: MissingDelivery | undefined;
  /**
   * Deliveries that went with a connection: their sender or their receiver was dropped after they were due, and no later
   * message of that sender has reached that receiver.
   */
  withConnections: number;
}

/** Nothing is missing. */
export const noneMissing: MissingDeliveries = { first: undefined, withConnections: 0 };

/** The tables of a ledger, as far as they say what has arrived. */
export interface ArrivalTables {
  /** The receiver in a place of its room. */
  receiverIn(room: number, place: number): number;
  /** First bit of each message, and the number of bits. */
  seenAt: Float64Array;
  seenCount: number;
  /** True where the message of a bit has reached the receiver of that bit. */
  hasSeen(bit: number): boolean;
  /** Number of the last message of a sender that has reached the receiver in a place of its room; -1 without one. */
  lastSeq(sender: number, place: number): number;
}

/** Each expected delivery of a measured message that has not come, with the place of its receiver. */
function* eachMissing(
  { sender: senderOf, seq: seqOf, sendUs, warmupCount, part }: Schedule,
  { audienceRoom, speakerExcluded }: Audience,
  tables: ArrivalTables,
  t0Us: number,
  goneFrom: ReadonlyMap<number, number>,
): Generator<MissingDelivery & { place: number }> {
  const isGone = (client: number, atUs: number): boolean => (goneFrom.get(client) ?? Infinity) <= atUs;
  for (let message = warmupCount; message < senderOf.length; message++) {
    const [sender, seq, atUs] = [senderOf[message]!, seqOf[message]!, t0Us + sendUs[message]!];
    if (isGone(sender, atUs)) continue;
    const [from, to] = [tables.seenAt[message]!, tables.seenAt[message + 1] ?? tables.seenCount];
    for (let bit = from; bit < to; bit++) {
      if (tables.hasSeen(bit)) continue;
      const place = bit - from;
      const receiver = tables.receiverIn(audienceRoom(sender), place);
      if (isGone(receiver, atUs) || (speakerExcluded && receiver === sender)) continue;
      yield { message: part?.numbers[message] ?? message, seq, sender, receiver, place };
    }
  }
}

/** What is missing, where these clients are gone. Looks at every bit until the first one that is missing, or at all. */
export function findMissing(
  schedule: Schedule,
  audience: Audience,
  tables: ArrivalTables,
  t0Us: number,
  gone: readonly Absence[],
): MissingDeliveries {
  const goneFrom = absences(gone);
  const found: MissingDeliveries = { first: undefined, withConnections: 0 };
  for (const { place, ...each } of eachMissing(schedule, audience, tables, t0Us, goneFrom)) {
    const isLast = each.seq > tables.lastSeq(each.sender, place);
    if (isLast && (goneFrom.has(each.sender) || goneFrom.has(each.receiver))) found.withConnections++;
    else found.first ??= each;
    if (gone.length === 0) break; // no connection explains one, so the first is all
  }
  return found;
}
