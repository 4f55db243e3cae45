import type { ByteCounts, Traffic } from "../../scenarios/contract.ts";
import { addTraffic } from "../../scenarios/lib/traffic-counters.ts";
import { signatureJitterBytes } from "./tls-formula.ts";
import type { ByteCost } from "./formula.ts";

const nothing: ByteCounts = { in: 0, out: 0 };

/** The traffic of these costs and, where one is given, of a message that went in or out. */
export function trafficOf(cost: ByteCost, message?: { direction: "send" | "delivery"; payloadBytes: number }): Traffic {
  const sent = message?.direction === "send";
  const delivered = message?.direction === "delivery";
  const { up = nothing, down = nothing, duplex = nothing } = cost;
  return {
    wire: { up, down, duplex },
    payloadsIn: sent ? 1 : 0,
    payloadBytesIn: sent ? message.payloadBytes : 0,
    payloadsOut: delivered ? 1 : 0,
    payloadBytesOut: delivered ? message.payloadBytes : 0,
    pollsAnswered: cost.polls ?? 0,
    emptyPollBytes: cost.emptyBytes ?? 0,
  };
}

/** Every counter of a traffic. */
function counters({ wire: { up, down, duplex }, ...counts }: Traffic): number[] {
  return [up.in, up.out, down.in, down.out, duplex.in, duplex.out, ...Object.values(counts)];
}

/** Every role, and how many handshakes there were in it. */
type Handshakes = NonNullable<ByteCost["handshakes"]>;

/**
 * Traffic as it would be without its strays and without luck: less as many whole rounds of each stray as are in it beyond what is expected,
 * and as if each handshake had the longest signature, where that makes up for what is less than expected.
 */
export function settledTraffic(
  traffic: Traffic,
  strays: readonly ByteCost[],
  cost: ByteCost,
  expected: Traffic,
): Traffic {
  const handshakes: Handshakes = { ...cost.handshakes };
  let left = traffic;
  for (const stray of strays) {
    const rounds = roundsOf(stray, left, expected);
    left = addTraffic(left, trafficOf(stray), -rounds);
    for (const role of roles) handshakes[role] = (handshakes[role] ?? 0) + rounds * (stray.handshakes?.[role] ?? 0);
  }
  const luckless = (bytes: number, due: number, count = 0): number =>
    bytes < due && due - bytes <= signatureJitterBytes * count ? due : bytes;
  const wire = { ...left.wire };
  for (const role of roles) {
    const { in: bytesIn, out } = wire[role];
    wire[role] = { in: bytesIn, out: luckless(out, expected.wire[role].out, handshakes[role]) };
  }
  return { ...left, wire, emptyPollBytes: luckless(left.emptyPollBytes, expected.emptyPollBytes, handshakes.down) };
}

const roles = ["up", "down", "duplex"] as const;

/** Whole rounds; where each has a handshake, by luck they take a little less than that. */
function roundsOf(stray: ByteCost, traffic: Traffic, expected: Traffic): number {
  const [all, due, each] = [traffic, expected, trafficOf(stray)].map(counters) as [number[], number[], number[]];
  const whole = stray.handshakes ? Math.round : Math.floor;
  const rounds = each.flatMap((cost, i) => (cost > 0 ? [whole((all[i]! - due[i]!) / cost)] : []));
  return Math.max(0, Math.min(...rounds));
}

/** All bytes on the wire that are not payload. */
export function trafficOverheadBytes({ wire, payloadBytesIn, payloadBytesOut }: Traffic): number {
  const bytes = Object.values(wire).reduce((sum, role) => sum + role.in + role.out, 0);
  return bytes - payloadBytesIn - payloadBytesOut;
}
