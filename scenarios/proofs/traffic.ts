import type { Cost } from "./bytes.ts";
import type { Bytes, Traffic } from "../contract.ts";
import { plus } from "../traffic.ts";

const nothing: Bytes = { in: 0, out: 0 };

/** The traffic of these costs and, where one is given, of a message that went in or out. */
export function trafficOf(cost: Cost, message?: { direction: "send" | "delivery"; payloadBytes: number }): Traffic {
  const sent = message?.direction === "send";
  const delivered = message?.direction === "delivery";
  const { up = nothing, down = nothing, duplex = nothing } = cost;
  return {
    wire: { up, down, duplex },
    payloadsIn: sent ? 1 : 0,
    payloadBytesIn: sent ? message.payloadBytes : 0,
    payloadsOut: delivered ? 1 : 0,
    payloadBytesOut: delivered ? message.payloadBytes : 0,
    exchanges: cost.asks ?? 0,
    emptyBytes: cost.emptyBytes ?? 0,
  };
}

/** Every counter of a traffic. */
function counters({ wire: { up, down, duplex }, ...counts }: Traffic): number[] {
  return [up.in, up.out, down.in, down.out, duplex.in, duplex.out, ...Object.values(counts)];
}

/** Traffic less as many whole rounds of a stray cost as are in it beyond what is expected. */
export function withoutStrays(traffic: Traffic, stray: Cost, expected: Traffic): Traffic {
  const [all, due, each] = [traffic, expected, trafficOf(stray)].map(counters) as [number[], number[], number[]];
  const rounds = each.flatMap((cost, i) => (cost > 0 ? [Math.floor((all[i]! - due[i]!) / cost)] : []));
  return plus(traffic, trafficOf(stray), -Math.max(0, Math.min(...rounds)));
}

/** All bytes on the wire that are not payload. */
export function overheadBytes({ wire, payloadBytesIn, payloadBytesOut }: Traffic): number {
  const bytes = Object.values(wire).reduce((sum, role) => sum + role.in + role.out, 0);
  return bytes - payloadBytesIn - payloadBytesOut;
}
