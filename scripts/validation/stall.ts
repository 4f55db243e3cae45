import { mergeHistograms, type Histogram } from "../../results/statistics/histogram.ts";
import type { Row } from "../../results/model/columns.ts";
import type { TrialProcesses } from "../../scenarios/runner/trial-processes.ts";
import { pauseBetween } from "../../scenarios/runner/pause-clients.ts";
import type { Scenario } from "../../scenarios/definitions/scenario.ts";

/** Who is stopped, and what is said meanwhile. */
export interface Stall {
  target: "server" | "workers";
  /** How long, in milliseconds. */
  durationMs: number;
}

/**
 * The echo that is disturbed: 200 messages a second, enough that a second of them is a known share of the window, and so few that every
 * transport makes up for that second in much less than another.
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
 * The push that is disturbed: four in a room talk, each so seldom that a client that posts one message after the other makes up for the
 * stall at once, too.
 */
export const stalledPush: Scenario = {
  ...stalledEcho,
  app: "chat",
  clients: 4,
  rooms: 1,
  ratePerS: 100,
};

/** Stops the processes with SIGSTOP a third into the window and lets them go on after `forMs`. */
export async function stallProcess(
  processes: TrialProcesses,
  { t0Us, t1Us }: { t0Us: number; t1Us: number },
  { target, durationMs }: Stall,
): Promise<void> {
  const fromUs = t0Us + (t1Us - t0Us) / 3;
  await pauseBetween(target === "server" ? processes.servers : processes.workers, fromUs, fromUs + durationMs * 1000);
}

/** One thing that must hold of the row of a stalled trial. */
export interface StallCheck {
  expectation: string;
  found: string;
  holds: boolean;
}

/**
 * The share of a window's messages that come later than `laterUs` beyond what is usual, when a stall of S falls into a window of T.
 * What is due or asked for during the stall waits for its end; an answer that has to be asked for comes up to `usualUs` later. Where
 * nothing has to be asked for, that is (1 - later / S) x S / T.
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
 * What a stall of S must look like in the latencies: p50 unmoved, the expected share up to S later than usual, the largest at or just
 * over S, nothing lost. `usualUs` is what the transport may take without a stall.
 */
export function checkStall(row: Row, stallMs: number, usualUs: number): StallCheck[] {
  const values = mergeHistograms([row.latency_histogram!]);
  const [stallUs, windowUs] = [stallMs * 1000, row.duration_s! * 1e6];
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
  const share = (what: string, laterUs: number): StallCheck => {
    const due = expectedShare(laterUs, stallUs, usualUs, windowUs);
    const part = shareAbove(values, usualUs + laterUs);
    return {
      expectation: `the share later than ${what} is about ${percent(due)}`,
      found: percent(part),
      holds: part > 0.7 * due && part < 1.3 * due + 0.01,
    };
  };
  return [
    { expectation: "nothing is lost", found: `${row.lost} lost`, holds: row.lost === 0 },
    {
      expectation: "the median is unmoved, far below the stall",
      found: `${row.latency_p50_us} us`,
      holds: row.latency_p50_us! < usualUs + stallUs / 10,
    },
    share("half the stall", stallUs / 2),
    share("a tenth of it", stallUs / 10),
    {
      expectation: `the largest is the stall, ${stallMs} ms, and little more`,
      found: `${((row.latency_max_us ?? 0) / 1000).toFixed(0)} ms`,
      holds: row.latency_max_us! > 0.95 * stallUs && row.latency_max_us! < usualUs + 1.5 * stallUs,
    },
  ];
}

/** The share of values above a bound, found by halving: HDR histograms answer only for percentiles. */
function shareAbove(values: Histogram, boundUs: number): number {
  let [low, high] = [0, 100];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (values.getValueAtPercentile(middle) > boundUs) high = middle;
    else low = middle;
  }
  return 1 - high / 100;
}
