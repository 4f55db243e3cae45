import { median } from "../statistics/median.ts";

/** How often one client asked and was delivered to, a second. */
export interface PollSample {
  deliveriesPerS: number;
  exchangesPerS: number;
}

/**
 * How often clients ask. `steady` ones ask at intervals, whatever comes. `held` ones ask again once they were answered, so that what counts
 * is how many deliveries an answer carried: the more, the more often there are some.
 */
export type PollFrequency =
  | { kind: "none" }
  | { kind: "steady"; exchangesPerS: number }
  | { kind: "held"; points: readonly { deliveriesPerS: number; perExchange: number }[] };

/** Exchanges a second that differ by less than this share are the same: a poll that is late is skipped now and then. */
const sameShare = 0.05;

/** Finds from measured loads how clients ask: `none` where there are no exchanges. */
export function pollFrequencyOf(measured: readonly PollSample[]): PollFrequency {
  if (measured.every(({ exchangesPerS }) => exchangesPerS === 0)) return { kind: "none" };
  const rates = measured.map(({ exchangesPerS }) => exchangesPerS);
  if (Math.max(...rates) <= (1 + sameShare) * Math.min(...rates))
    return { kind: "steady", exchangesPerS: median(rates)! };
  const points = measured
    .filter(({ exchangesPerS }) => exchangesPerS > 0)
    .map(({ deliveriesPerS, exchangesPerS }) => ({ deliveriesPerS, perExchange: deliveriesPerS / exchangesPerS }));
  return { kind: "held", points: points.toSorted((a, b) => a.deliveriesPerS - b.deliveriesPerS) };
}

/**
 * Exchanges a second of one client that is delivered to so often. Held asks: deliveries per exchange are interpolated between the measured
 * rates, over the rate's logarithm. Above the highest they are taken to stay, which is the most exchanges there can be; below the lowest
 * as well, where they are near one.
 */
export function pollsPerS(asks: PollFrequency, deliveriesPerS: number): number {
  if (asks.kind === "none") return 0;
  return asks.kind === "steady" ? asks.exchangesPerS : deliveriesPerS / perExchange(asks.points, deliveriesPerS);
}

function perExchange(points: readonly { deliveriesPerS: number; perExchange: number }[], at: number): number {
  const above = points.findIndex(({ deliveriesPerS }) => deliveriesPerS >= at);
  if (above <= 0) return points.at(above)!.perExchange;
  const [low, high] = [points[above - 1]!, points[above]!];
  const share = Math.log(at / low.deliveriesPerS) / Math.log(high.deliveriesPerS / low.deliveriesPerS);
  return low.perExchange + share * (high.perExchange - low.perExchange);
}
