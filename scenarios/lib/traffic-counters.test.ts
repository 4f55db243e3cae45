import { expect, it } from "vitest";
import type { Traffic } from "../contract.ts";
import { addTraffic, subtractTraffic, bytesOfAllRoles } from "./traffic-counters.ts";

/** Traffic whose counters are all different: each is a power of two times `unit`. */
const trafficOf = (unit: number): Traffic => ({
  wire: {
    up: { in: unit, out: 2 * unit },
    down: { in: 4 * unit, out: 8 * unit },
    duplex: { in: 16 * unit, out: 32 * unit },
  },
  payloadsIn: 64 * unit,
  payloadBytesIn: 128 * unit,
  payloadsOut: 256 * unit,
  payloadBytesOut: 512 * unit,
  pollsAnswered: 1_024 * unit,
  emptyPollBytes: 2_048 * unit,
});

it("the traffic between two readings is each counter of the later one less that of the earlier one", () => {
  expect(subtractTraffic(trafficOf(7), trafficOf(2))).toEqual(trafficOf(5));
});

it("traffic is added counter by counter, so many times", () => {
  expect(addTraffic(trafficOf(7), trafficOf(2), 1)).toEqual(trafficOf(9));
  expect(addTraffic(trafficOf(7), trafficOf(2), 3)).toEqual(trafficOf(13));
});

it("the sum of all roles keeps the two directions apart", () => {
  expect(bytesOfAllRoles(trafficOf(1))).toEqual({ in: 1 + 4 + 16, out: 2 + 8 + 32 });
});
