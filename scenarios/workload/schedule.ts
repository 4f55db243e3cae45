import { drawArrivals, mergeArrivals, type ArrivalTimes } from "./arrivals.ts";
import { seededRandom } from "../lib/random.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Trace } from "../definitions/trace.ts";
import { delayToOwnSlot } from "./half-duplex.ts";

/**
 * The messages of a trial, sorted by due time within the warm-up and within the window. Index k in each array is
 * message k.
 */
export interface Schedule {
  /** The client or server-side sender of each message. */
  sender: Int32Array;
  /** Sequence number among all messages of that sender, warm-up included, from 0. */
  seq: Int32Array;
  /** Due time in microseconds: from the start of the load for warm-up messages, from T0 for measured ones. */
  dueUs: Float64Array;
  /** Time from which it may be sent: the due time, or in half duplex the beginning of the next slot of its side. */
  sendUs: Float64Array;
  /** Index of the first measured message. */
  warmupCount: number;
  /**
   * Where this is a part of a schedule: the number of each message in the whole, and the first measured one there.
   * Default: this is the whole.
   */
  part?: { numbers: Int32Array; warmupCount: number };
}

/**
 * Length of the rise of a load. New processes still compile their code, and a full load would leave them a backlog that
 * takes long to clear.
 */
const riseMs = 2_000;

/** The settings from which a schedule follows. */
type ScheduleSettings = Pick<
  Settings,
  "ratePerS" | "maxWarmupMs" | "warmupPauseMs" | "durationMs" | "seed" | "arrivals" | "halfDuplexSlotMs"
>;

/**
 * The schedule of a trial, a pure function of its arguments. It has exactly rate x time due times in the window, by
 * default sorted uniform numbers, as in a Poisson process with that count. Senders are drawn uniformly; if clients and
 * server send, each side has half of the messages.
 *
 * The warm-up is drawn in the same way for its longest length, with a rise and a pause. The window does not depend on
 * it. A trace replaces the drawn messages, and its beginning is also the warm-up.
 */
export function planSchedule(
  settings: ScheduleSettings,
  senders: readonly number[],
  serverSenders: readonly number[] = [],
  trace?: Trace,
): Schedule {
  const { maxWarmupMs, durationMs, seed, halfDuplexSlotMs } = settings;
  const warmup = trace ? firstOf(trace, maxWarmupMs) : drawWarmup(settings, senders, serverSenders);
  const measured = trace
    ? firstOf(trace, durationMs)
    : drawLoad(settings, durationMs, senders, serverSenders, seededRandom(seed ^ 0x9e3779b9));
  const sender = concatenate(Int32Array, warmup.sender, measured.sender);
  const dueUs = concatenate(Float64Array, warmup.dueUs, measured.dueUs);
  const sendUs =
    halfDuplexSlotMs === undefined
      ? dueUs
      : delayToOwnSlot(dueUs, sender, Math.min(...serverSenders), halfDuplexSlotMs * 1000);
  return { sender, seq: numberPerSender(sender), dueUs, sendUs, warmupCount: warmup.dueUs.length };
}

/** The messages of some senders. Sequence numbers and times are those of the whole. Pure. */
export function partOf(whole: Schedule, isIn: (sender: number) => boolean): Schedule {
  const { sender, seq, dueUs, sendUs, warmupCount } = whole;
  const count = sender.reduce((sum, each) => (isIn(each) ? sum + 1 : sum), 0);
  if (count === sender.length) return whole;
  const numbers = new Int32Array(count);
  let [at, warmupInPart] = [0, 0];
  for (let message = 0; message < sender.length; message++) {
    if (!isIn(sender[message]!)) continue;
    numbers[at++] = message;
    if (message < warmupCount) warmupInPart++;
  }
  const dueInPart = Float64Array.from(numbers, (message) => dueUs[message]!);
  return {
    sender: numbers.map((message) => sender[message]!),
    seq: numbers.map((message) => seq[message]!),
    dueUs: dueInPart,
    sendUs: sendUs === dueUs ? dueInPart : Float64Array.from(numbers, (message) => sendUs[message]!),
    warmupCount: warmupInPart,
    part: { numbers, warmupCount },
  };
}

/** The sequence number of each message among those of its sender. */
function numberPerSender(sender: Int32Array): Int32Array {
  const counts = new Int32Array(sender.reduce((most, client) => Math.max(most, client), -1) + 1);
  return sender.map((client) => counts[client]!++);
}

/**
 * Two typed arrays as one. The schedule is all that a trial keeps for each message, so it has no array of objects or
 * boxed numbers.
 */
function concatenate<A extends Int32Array | Float64Array>(type: new (length: number) => A, first: A, second: A): A {
  const both = new type(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/**
 * The warm-up of a schedule: a load that rises linearly from 0 to its rate, has a pause after that, and then continues.
 */
function drawWarmup(
  settings: ScheduleSettings,
  senders: readonly number[],
  serverSenders: readonly number[],
): ArrivalTimes {
  const { maxWarmupMs, warmupPauseMs, seed } = settings;
  const riseUs = 1000 * Math.min(riseMs, maxWarmupMs);
  const pauseEndUs = riseUs + 1000 * warmupPauseMs;
  /** The time at which a rising load has offered as many messages as a constant load at `us`. */
  const afterRise = (us: number): number => (us < riseUs / 2 ? Math.sqrt(2 * riseUs * us) : us + riseUs / 2);
  const afterPause = (us: number): number => (us > riseUs ? Math.max(us, pauseEndUs) : us);
  const random = seededRandom(seed ^ 0x85ebca6b);
  const constant = drawLoad(settings, maxWarmupMs - riseUs / 2000, senders, serverSenders, random);
  return { dueUs: constant.dueUs.map((us) => Math.floor(afterPause(afterRise(us)))), sender: constant.sender };
}

/** The messages of a trace that are due within its first `spanMs` milliseconds. */
function firstOf({ dueUs, sender }: Trace, spanMs: number): ArrivalTimes {
  const end = dueUs.findIndex((due) => due >= spanMs * 1000);
  return end < 0 ? { dueUs, sender } : { dueUs: dueUs.subarray(0, end), sender: sender.subarray(0, end) };
}

/** The messages of a constant load, half of them the server's if both sides send. */
function drawLoad(
  { ratePerS, arrivals = "uniform" }: ScheduleSettings,
  spanMs: number,
  senders: readonly number[],
  serverSenders: readonly number[],
  random: () => number,
): ArrivalTimes {
  const count = Math.round((ratePerS * spanMs) / 1000);
  if (serverSenders.length === 0) return drawArrivals(arrivals, count, spanMs, senders, random);
  if (senders.length === 0) return drawArrivals(arrivals, count, spanMs, serverSenders, random);
  const serverCount = Math.floor(count / 2);
  return mergeArrivals(
    drawArrivals(arrivals, count - serverCount, spanMs, senders, random),
    drawArrivals(arrivals, serverCount, spanMs, serverSenders, random),
  );
}
