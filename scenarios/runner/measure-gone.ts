import type { GoneMeasurement } from "../../results/model/measurement.ts";
import type { GoneClient } from "../workload/gone-client.ts";

/** Fewest connections, and least silence in seconds, from which on a common silence is no chance. */
const leastSilence = { clients: 3, seconds: 0.5 };
/** Share by which silences differ at most that count as the same. */
const sameShare = 0.1;

/** What a measurement says of these clients. Before the window is agreed, T0 is Infinity. Pure. */
export function measureGone(gone: readonly GoneClient[], t0Us = Infinity, lostDeliveries = 0): GoneMeasurement {
  const [refused, dropped] = (["refused", "dropped"] as const).map((how) => gone.filter((each) => each.how === how));
  return {
    refused: byReason(refused!),
    dropped: byReason(dropped!),
    droppedAtS: dropped!.map(({ atUs }) => (atUs - t0Us) / 1e6).toSorted((one, other) => one - other),
    unknownSessions: gone.filter(({ sessionUnknown }) => sessionUnknown).length,
    silence: commonSilence(dropped!.map(({ silentUs = 0 }) => silentUs / 1e6)),
    lostDeliveries,
  };
}

function byReason(gone: readonly GoneClient[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of gone) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}

/**
 * The silence after which at least half of the connections ended, within 10 %. Undefined where there is none, or where
 * it is too short or too few had it.
 */
export function commonSilence(seconds: readonly number[]): GoneMeasurement["silence"] {
  const ascending = seconds.filter((each) => each >= leastSilence.seconds).toSorted((one, other) => one - other);
  let best: number[] = [];
  for (let [from, to] = [0, 0]; to < ascending.length; to++) {
    while (ascending[to]! > ascending[from]! * ((1 + sameShare) / (1 - sameShare))) from++;
    if (to + 1 - from > best.length) best = ascending.slice(from, to + 1);
  }
  if (best.length < leastSilence.clients || best.length < seconds.length / 2) return undefined;
  return { seconds: best[Math.floor(best.length / 2)]!, clients: best.length };
}
