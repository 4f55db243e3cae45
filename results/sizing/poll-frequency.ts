import { median } from "../statistics/median.ts";

/** Polls and deliveries of one client per second, in one measured load. */
export interface PollSample {
  deliveriesPerS: number;
  pollsPerS: number;
}

/**
 * Poll frequency of one client. `interval`: at a fixed rate, whatever arrives (short polling). `held`: again after each
 * response (long polling). A held poll carries more deliveries when there are more deliveries per second.
 */
export type PollFrequency =
  | { kind: "none" }
  | { kind: "interval"; pollsPerS: number }
  | { kind: "held"; points: readonly { deliveriesPerS: number; deliveriesPerPoll: number }[] };

/** Poll rates that differ by less than this share count as equal. A late poll is skipped now and then. */
const equalShare = 0.05;

/** Poll frequency that explains the measured loads; `none` where there are no polls. */
export function pollFrequencyOf(samples: readonly PollSample[]): PollFrequency {
  const rates = samples.map(({ pollsPerS }) => pollsPerS);
  if (rates.every((rate) => rate === 0)) return { kind: "none" };
  if (Math.max(...rates) <= (1 + equalShare) * Math.min(...rates))
    return { kind: "interval", pollsPerS: median(rates)! };
  const points = samples
    .filter(({ pollsPerS }) => pollsPerS > 0)
    .map(({ deliveriesPerS, pollsPerS }) => ({ deliveriesPerS, deliveriesPerPoll: deliveriesPerS / pollsPerS }));
  return { kind: "held", points: points.toSorted((a, b) => a.deliveriesPerS - b.deliveriesPerS) };
}

/**
 * Polls per second of one client that receives so many deliveries per second. For held polls, deliveries per poll are
 * interpolated between the measured delivery rates, on a logarithmic scale. Outside the measured rates the nearest
 * value is used: above the highest rate this gives the most polls that are possible; below the lowest rate a poll
 * carries about one delivery.
 */
export function pollRate(frequency: PollFrequency, deliveriesPerS: number): number {
  if (frequency.kind === "none") return 0;
  if (frequency.kind === "interval") return frequency.pollsPerS;
  return deliveriesPerS / deliveriesPerPoll(frequency.points, deliveriesPerS);
}

function deliveriesPerPoll(
  points: readonly { deliveriesPerS: number; deliveriesPerPoll: number }[],
  rate: number,
): number {
  const above = points.findIndex(({ deliveriesPerS }) => deliveriesPerS >= rate);
  if (above <= 0) return points.at(above)!.deliveriesPerPoll;
  const [low, high] = [points[above - 1]!, points[above]!];
  const share = Math.log(rate / low.deliveriesPerS) / Math.log(high.deliveriesPerS / low.deliveriesPerS);
  return low.deliveriesPerPoll + share * (high.deliveriesPerPoll - low.deliveriesPerPoll);
}
