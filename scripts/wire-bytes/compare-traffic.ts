import type { ByteCounts, Traffic } from "../../scenarios/contract.ts";
import { addTraffic } from "../../scenarios/lib/traffic-counters.ts";
import { signatureJitterBytes } from "./tls-formula.ts";
import type { ByteCost } from "./formula.ts";

const noBytes: ByteCounts = { in: 0, out: 0 };
const roles = ["up", "down", "duplex"] as const;

/** Counters that a server would show for this cost. `message` is the one that was sent or delivered; default: none. */
export function trafficOf(cost: ByteCost, message?: { direction: "send" | "delivery"; payloadBytes: number }): Traffic {
  const sent = message?.direction === "send";
  const delivered = message?.direction === "delivery";
  const { up = noBytes, down = noBytes, duplex = noBytes } = cost;
  return {
    wire: { up, down, duplex },
    payloadsIn: sent ? 1 : 0,
    payloadBytesIn: sent ? message.payloadBytes : 0,
    payloadsOut: delivered ? 1 : 0,
    payloadBytesOut: delivered ? message.payloadBytes : 0,
    pollsAnswered: cost.polls ?? 0,
    emptyPollBytes: cost.emptyPollBytes ?? 0,
  };
}

/** All counters of a traffic, in a fixed order. */
function counterValues({ wire: { up, down, duplex }, ...counts }: Traffic): number[] {
  return [up.in, up.out, down.in, down.out, duplex.in, duplex.out, ...Object.values(counts)];
}

/**
 * Measured traffic without the two things that no formula can predict. Each kind of background traffic is subtracted as
 * many whole times as it fits into the excess over `expected`. A handshake whose signature was shorter than the longest
 * is counted with the longest, if that explains all missing bytes.
 */
export function normalizeTraffic(
  traffic: Traffic,
  background: readonly ByteCost[],
  cost: ByteCost,
  expected: Traffic,
): Traffic {
  const handshakes: NonNullable<ByteCost["handshakes"]> = { ...cost.handshakes };
  let remaining = traffic;
  for (const each of background) {
    const rounds = countRounds(each, remaining, expected);
    remaining = addTraffic(remaining, trafficOf(each), -rounds);
    for (const role of roles) handshakes[role] = (handshakes[role] ?? 0) + rounds * (each.handshakes?.[role] ?? 0);
  }
  const padSignatures = (bytes: number, expectedBytes: number, count = 0): number =>
    bytes < expectedBytes && expectedBytes - bytes <= signatureJitterBytes * count ? expectedBytes : bytes;
  const wire = { ...remaining.wire };
  for (const role of roles) {
    const { in: bytesIn, out } = wire[role];
    wire[role] = { in: bytesIn, out: padSignatures(out, expected.wire[role].out, handshakes[role]) };
  }
  return {
    ...remaining,
    wire,
    emptyPollBytes: padSignatures(remaining.emptyPollBytes, expected.emptyPollBytes, handshakes.down),
  };
}

/**
 * Number of whole rounds of background traffic in the excess over `expected`. With handshakes it is rounded to the
 * nearest number, because short signatures make a round a little smaller than its cost.
 */
function countRounds(background: ByteCost, traffic: Traffic, expected: Traffic): number {
  const [measured, predicted, perRound] = [traffic, expected, trafficOf(background)].map(counterValues) as [
    number[],
    number[],
    number[],
  ];
  const toInteger = background.handshakes ? Math.round : Math.floor;
  const rounds = perRound.flatMap((cost, i) => (cost > 0 ? [toInteger((measured[i]! - predicted[i]!) / cost)] : []));
  return Math.max(0, Math.min(...rounds));
}

/** All bytes on the wire that are not payload. */
export function trafficOverheadBytes({ wire, payloadBytesIn, payloadBytesOut }: Traffic): number {
  const bytes = Object.values(wire).reduce((sum, role) => sum + role.in + role.out, 0);
  return bytes - payloadBytesIn - payloadBytesOut;
}
