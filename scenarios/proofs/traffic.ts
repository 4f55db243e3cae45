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
    emptyBytes: cost.asks && !message ? down.in + down.out : 0,
  };
}

/** Traffic less so many whole rounds of a cost. */
export function without(traffic: Traffic, cost: Cost, rounds: number): Traffic {
  return plus(traffic, trafficOf(cost), -rounds);
}

/** All bytes on the wire that are not payload. */
export function overheadBytes({ wire, payloadBytesIn, payloadBytesOut }: Traffic): number {
  const bytes = Object.values(wire).reduce((sum, role) => sum + role.in + role.out, 0);
  return bytes - payloadBytesIn - payloadBytesOut;
}
