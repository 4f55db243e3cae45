import { mergeHistograms, type Histogram } from "../../results/statistics/histogram.ts";
import type { Row } from "../../results/model/columns.ts";
import type { TrialProcesses } from "../../scenarios/runner/trial-processes.ts";
import { pauseBetween } from "../../scenarios/runner/pause-clients.ts";
import type { Scenario } from "../../scenarios/definitions/scenario.ts";

/** A deliberate stall: the processes that are stopped, and for how long. */
export interface Stall {
  target: "server" | "workers";
  durationMs: number;
}

/**
 * Echo scenario for a stall: 200 messages a second. The messages of a second are then a known share of the window, and
 * few enough that every transport catches up with them in much less than a second.
 */
export const stalledEcho: Scenario = {
  question: "Does a stall of the server show, in the right proportion?",
  app: "echo",
  clients: 50,
  rooms: "one each",
  senders: "everybody",
  ratePerS: 200,
  payloadBytes: 64,
  payloadKind: "text",
  warmupMs: 2_000,
  maxWarmupMs: 2_000,
  durationMs: 10_000,
};

/**
 * Broadcast scenario for a stall: four clients in a room. Each sends so rarely that even a client that posts one
 * message after the other catches up at once.
 */
export const stalledPush: Scenario = {
  ...stalledEcho,
  app: "chat",
  clients: 4,
  rooms: 1,
  ratePerS: 100,
};

/** Stops the target with SIGSTOP after a third of the window and continues it after `durationMs`. */
export async function stallProcess(
  processes: TrialProcesses,
  { t0Us, t1Us }: { t0Us: number; t1Us: number },
  { target, durationMs }: Stall,
): Promise<void> {
  const fromUs = t0Us + (t1Us - t0Us) / 3;
  await pauseBetween(target === "server" ? processes.servers : processes.workers, fromUs, fromUs + durationMs * 1000);
}

/** One expectation about the row of a stalled trial, the value found, and whether the expectation holds. */
export interface StallCheck {
  expectation: string;
  found: string;
  holds: boolean;
}

/**
 * Expected share of a window's messages that are more than `laterUs` later than usual, when a stall falls into the
 * window. A message or a poll that is due during the stall waits for its end. A message that must be polled takes up to
 * `usualUs` longer. Without polling the share is (1 - later / S) x S / T, for a stall S in a window T.
 */
export function expectedShare(laterUs: number, stallUs: number, usualUs: number, windowUs: number): number {
  const steps = 200;
  const afterStall = (timeUs: number): number => (timeUs >= 0 && timeUs < stallUs ? stallUs : timeUs);
  const spanUs = usualUs + stallUs;
  let late = 0;
  for (let i = 0; i < steps; i++)
    for (let k = 0; k < steps; k++) {
      const dueUs = -usualUs + (spanUs * (i + 0.5)) / steps;
      const arrivesUs = afterStall(afterStall(dueUs) + (usualUs * (k + 0.5)) / steps);
      if (arrivesUs - dueUs > usualUs + laterUs) late++;
    }
  return (late / steps ** 2) * (spanUs / windowUs);
}

/**
 * Checks the latencies of a stalled trial: the median is unchanged, the expected share of messages is late, the largest
 * latency is about the stall, and no message is lost. `usualUs` is the longest delivery time of the transport without a
 * stall.
 */
export function checkStall(row: Row, stallMs: number, usualUs: number): StallCheck[] {
  const latencies = mergeHistograms([row.latency_histogram!]);
  const [stallUs, windowUs] = [stallMs * 1000, row.duration_s! * 1e6];
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const checkShare = (delay: string, laterUs: number): StallCheck => {
    const expected = expectedShare(laterUs, stallUs, usualUs, windowUs);
    const found = shareAbove(latencies, usualUs + laterUs);
    return {
      expectation: `about ${percent(expected)} of the messages are late by more than ${delay}`,
      found: percent(found),
      holds: found > 0.7 * expected && found < 1.3 * expected + 0.01,
    };
  };
  return [
    { expectation: "no message is lost", found: `${row.lost} lost`, holds: row.lost === 0 },
    {
      expectation: "the median is far below the stall",
      found: `${row.latency_p50_us} us`,
      holds: row.latency_p50_us! < usualUs + stallUs / 10,
    },
    checkShare("half the stall", stallUs / 2),
    checkShare("a tenth of the stall", stallUs / 10),
    {
      expectation: `the largest latency is the stall, ${stallMs} ms, or a little more`,
      found: `${((row.latency_max_us ?? 0) / 1000).toFixed(0)} ms`,
      holds: row.latency_max_us! > 0.95 * stallUs && row.latency_max_us! < usualUs + 1.5 * stallUs,
    },
  ];
}

/** Checks the row of a trial whose workers were stopped: the row is not valid, because messages were sent late. */
export function checkWorkerStall(row: Row, stallMs: number): StallCheck[] {
  return [
    { expectation: "the row is suspect or invalid", found: `${row.status}`, holds: row.status !== "valid" },
    {
      expectation: "the 99th percentile of the send lag is more than half the stall",
      found: `${((row.send_lag_p99_us ?? 0) / 1000).toFixed(0)} ms`,
      holds: row.send_lag_p99_us! > (stallMs * 1000) / 2,
    },
  ];
}

/** Share of the values above a bound, by bisection: an HDR histogram returns only values at percentiles. */
function shareAbove(values: Histogram, boundUs: number): number {
  let [low, high] = [0, 100];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (values.getValueAtPercentile(middle) > boundUs) high = middle;
    else low = middle;
  }
  return 1 - high / 100;
}
