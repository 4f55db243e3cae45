import { expect, test } from "vitest";
import type { NetworkMeasurement } from "../model/measurement.ts";
import { testKeys, testMeasurement, testNetwork } from "../testing/measurement.ts";
import { buildRow } from "./row.ts";

const keys = { ...testKeys, network: "rtt=80ms,loss=1%,cc=cubic", network_by: "tun" };
const rowWith = (changes: Partial<NetworkMeasurement>) =>
  buildRow(keys, testMeasurement({ network: { ...testNetwork, ...changes } }));

test("a network as it was asked for makes a valid row, which has what was measured", () => {
  expect(rowWith({})).toMatchObject({
    status: "valid",
    network_rtt_us: 80_600,
    network_lost_percent: 1.03,
    network_dropped: 0,
    network_late_us: 200,
  });
});

test("a round trip that is off by more than a tenth and 1 ms makes the row invalid, and half the jitter is allowed", () => {
  expect(rowWith({ rttUs: 88_900 }).status).toBe("valid");
  expect(rowWith({ rttUs: 89_100 })).toMatchObject({ status: "invalid", rules: "network-off" });
  expect(rowWith({ rttUs: 70_900 })).toMatchObject({ status: "invalid", rules: "network-off" });
  expect(rowWith({ rttUs: 93_900, conditions: { ...testNetwork.conditions, jitterMs: 10 } }).status).toBe("valid");
});

test("a loss that such a probability does not give makes the row invalid", () => {
  const packets = { offered: 10_000, lost: 140, dropped: 0, unkept: 0 };
  expect(rowWith({ packets }).reasons).toBe(
    "The network was not rtt=80ms,loss=1%,cc=cubic: it lost 140 of 10,000 packets: stop other programs and run again, and report it if " +
      "that does not help.",
  );
});

test("clients that share a link make the row invalid", () => {
  expect(rowWith({ links: 1 })).toMatchObject({ status: "invalid", rules: "network-off" });
  expect(rowWith({ links: undefined }).status).toBe("valid");
});

test("a late emulator, a busy one and one that loses packets make the row suspect", () => {
  expect(rowWith({ lateP99Us: 4_000, cpuPercent: 80 }).status).toBe("valid");
  const packets = { ...testNetwork.packets!, unkept: 1 };
  for (const behind of [{ lateP99Us: 4_100 }, { cpuPercent: 81 }, { packets }])
    expect(rowWith(behind)).toMatchObject({ status: "suspect", rules: "network-behind" });
});

test("the kernel's network has no lateness, and a full queue is a note", () => {
  const packets = { ...testNetwork.packets!, dropped: 12 };
  const row = rowWith({ by: "netem", lateP99Us: NaN, cpuPercent: NaN, links: NaN, packets });
  expect(row).toMatchObject({ status: "valid", rules: "queue-dropped", network_dropped: 12 });
  expect(row).not.toHaveProperty("network_late_us");
});
