import type { Assignment } from "./assignment.ts";
import { absences, type Absence } from "./gone-client.ts";
import type { Schedule } from "./schedule.ts";

/** What the measured messages of a trial should cause. */
export interface ExpectedDeliveries {
  /** Deliveries to clients that are not paused, and to the server application. */
  expected: number;
  /** Deliveries to paused clients. */
  pausedExpected: number;
  /** Messages that nobody sends, since their sender was gone: ascending, 0 is the first measured message. */
  unplanned: readonly number[];
}

/** Who sends to whom, as far as it matters for what is expected. */
type Audiences = Pick<
  Assignment,
  "roomOf" | "audienceRoom" | "receiverCount" | "pausedReceiverCount" | "pausedClients"
>;

/**
 * The deliveries that a schedule causes where some clients are gone. A message counts for those that have a connection
 * at the time from which it may be sent, whatever happens to them later: a sender that is gone by then does not send it,
 * and a receiver that is gone by then is not expected to have it. Pure.
 */
export function expectedDeliveries(
  { sender, sendUs, warmupCount }: Schedule,
  assignment: Audiences,
  t0Us: number,
  gone: readonly Absence[] = [],
): ExpectedDeliveries {
  const goneFrom = absences(gone);
  const paused = new Set(assignment.pausedClients);
  const active = timesByRoom(
    assignment,
    gone.filter(({ client }) => !paused.has(client)),
  );
  const ofPaused = timesByRoom(
    assignment,
    gone.filter(({ client }) => paused.has(client)),
  );
  const unplanned: number[] = [];
  let [expected, pausedExpected] = [0, 0];
  for (let message = warmupCount; message < sender.length; message++) {
    const from = sender[message]!;
    const atUs = t0Us + sendUs[message]!;
    if ((goneFrom.get(from) ?? Infinity) <= atUs) unplanned.push(message - warmupCount);
    else {
      const room = assignment.audienceRoom(from);
      expected += assignment.receiverCount(from) - countUntil(active.get(room), atUs);
      pausedExpected += assignment.pausedReceiverCount(from) - countUntil(ofPaused.get(room), atUs);
    }
  }
  return { expected, pausedExpected, unplanned };
}

/** The times at which clients of each room went, ascending. */
function timesByRoom({ roomOf }: Audiences, gone: readonly Absence[]): ReadonlyMap<number, number[]> {
  const times = new Map<number, number[]>();
  for (const { client, atUs } of gone.toSorted((one, other) => one.atUs - other.atUs)) {
    const ofRoom = times.get(roomOf(client));
    if (ofRoom) ofRoom.push(atUs);
    else times.set(roomOf(client), [atUs]);
  }
  return times;
}

/** How many of these ascending times are not after `atUs`. */
function countUntil(times: readonly number[] = [], atUs: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= atUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
