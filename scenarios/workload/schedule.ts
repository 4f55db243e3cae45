import { drawArrivals, mergeArrivals, type ArrivalTimes } from "./arrivals.ts";
import { seededRandom } from "../lib/random.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Trace } from "../definitions/trace.ts";
import { delayToOwnSlot } from "./half-duplex.ts";

/** When who sends what: message k is the `seq[k]`-th of its sender. Sorted by due time. */
export interface Schedule {
  /** The client or voice that sends each message. */
  sender: Int32Array;
  /** Its number among all messages of that sender, warm-up included, from 0. */
  seq: Int32Array;
  /** When it is due, in microseconds: of warm-up messages from the start of the load, of measured ones from T0. */
  dueUs: Float64Array;
  /**
   * When it may be sent: when it is due, or where the sides take turns and it is the other's, when the next of its own
   * begins.
   */
  sendUs: Float64Array;
  /** Index of the first measured message. */
  warmupCount: number;
}

/**
 * How long a load rises: new processes have yet to compile their code, and what piles up meanwhile at a rate they can
 * just carry takes them long to get rid of.
 */
const riseMs = 2_000;

/**
 * Exactly rate x time due times over the window, by default sorted uniforms: what a Poisson process looks like given
 * its count. The senders are drawn uniformly; where the server sends, too, each side has half of them. The warm-up is
 * drawn in the same way, for as long as it may take, but begins slowly and has its hiccup; what is measured does not
 * depend on it. A trace says all this itself, and its beginning is also the warm-up.
 */
export function planSchedule(
  settings: Timing,
  senders: readonly number[],
  serverSenders: readonly number[] = [],
  trace?: Trace,
): Schedule {
  const { maxWarmupMs, durationMs, seed, halfDuplexSlotMs } = settings;
  const before = trace ? beginning(trace, maxWarmupMs) : begun(settings, senders, serverSenders);
  const within = trace
    ? beginning(trace, durationMs)
    : drawn(settings, durationMs, senders, serverSenders, seededRandom(seed ^ 0x9e3779b9));
  const sent = new Map<number, number>();
  const sender = joined(Int32Array, before.sender, within.sender);
  const seq = sender.map((client) => {
    const number = sent.get(client) ?? 0;
    sent.set(client, number + 1);
    return number;
  });
  const dueUs = joined(Float64Array, before.dueUs, within.dueUs);
  const sendUs =
    halfDuplexSlotMs === undefined
      ? dueUs
      : delayToOwnSlot(dueUs, sender, Math.min(...serverSenders), halfDuplexSlotMs * 1000);
  return { sender, seq, dueUs, sendUs, warmupCount: before.dueUs.length };
}

/** What a plan follows from, apart from who speaks. */
type Timing = Pick<
  Settings,
  "ratePerS" | "maxWarmupMs" | "warmupPauseMs" | "durationMs" | "seed" | "arrivals" | "halfDuplexSlotMs"
>;

/**
 * Two arrays as one. A plan is all that a trial keeps per message, so nothing here becomes an array of objects or boxed
 * numbers.
 */
function joined<A extends Int32Array | Float64Array>(type: new (length: number) => A, before: A, within: A): A {
  const all = new type(before.length + within.length);
  all.set(before);
  all.set(within, before.length);
  return all;
}

/**
 * The warm-up of a plan: a load of its rate that begins by rising to it, from 0 and linearly, and with a silence after
 * that.
 */
function begun(settings: Timing, senders: readonly number[], serverSenders: readonly number[]): ArrivalTimes {
  const { maxWarmupMs, warmupPauseMs, seed } = settings;
  const riseUs = 1000 * Math.min(riseMs, maxWarmupMs);
  const silentUntilUs = riseUs + 1000 * warmupPauseMs;
  /** When a rising load has offered as much as one that does not rise has by then. */
  const risen = (us: number): number => (us < riseUs / 2 ? Math.sqrt(2 * riseUs * us) : us + riseUs / 2);
  const held = (us: number): number => (us > riseUs ? Math.max(us, silentUntilUs) : us);
  const steady = drawn(settings, maxWarmupMs - riseUs / 2000, senders, serverSenders, seededRandom(seed ^ 0x85ebca6b));
  return { dueUs: steady.dueUs.map((us) => Math.floor(held(risen(us)))), sender: steady.sender };
}

/** The messages of a trace that are due within its first so many milliseconds. */
function beginning({ dueUs, sender }: Trace, spanMs: number): ArrivalTimes {
  const end = dueUs.findIndex((due) => due >= spanMs * 1000);
  return end < 0 ? { dueUs, sender } : { dueUs: dueUs.subarray(0, end), sender: sender.subarray(0, end) };
}

function drawn(
  { ratePerS, arrivals = "uniform" }: Timing,
  spanMs: number,
  senders: readonly number[],
  serverSenders: readonly number[],
  next: () => number,
): ArrivalTimes {
  const count = Math.round((ratePerS * spanMs) / 1000);
  if (serverSenders.length === 0 || senders.length === 0)
    return drawArrivals(arrivals, count, spanMs, serverSenders.length === 0 ? senders : serverSenders, next);
  const ofHub = Math.floor(count / 2);
  return mergeArrivals(
    drawArrivals(arrivals, count - ofHub, spanMs, senders, next),
    drawArrivals(arrivals, ofHub, spanMs, serverSenders, next),
  );
}
