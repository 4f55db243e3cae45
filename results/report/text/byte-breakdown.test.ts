import { expect, it } from "vitest";
import { keys, measurement } from "../../testing/measurement.ts";
import { row } from "../../rows/row.ts";
import { medianParts, partsOf, totalOf } from "./byte-breakdown.ts";

const sound = row(keys, measurement());

it("adds up to all bytes on the wire and what TCP and IP add, per delivery", () => {
  const deliveries = sound.payload_bytes_out! / sound.payload_bytes!;
  const wire = (sound.wire_bytes_in! + sound.wire_bytes_out!) / deliveries + sound.tcp_ip_bytes_per_delivery!;
  expect(totalOf(partsOf(sound)!)).toBeCloseTo(wire, 9);
});

it("tells framing from headers, and headers from empty polls where the file does", () => {
  expect(partsOf(sound)).toMatchObject({ framing: 10, headers: undefined, empty: undefined });
  const polled = { ...sound, exchanges: 100, overhead_bytes_per_delivery: 300 };
  expect(partsOf(polled)).toMatchObject({ framing: undefined, headers: 300, empty: undefined });
  expect(partsOf({ ...polled, empty_bytes_per_delivery: 80 })).toMatchObject({ headers: 220, empty: 80 });
});

it("leaves out what was not measured", () => {
  const { tcp_ip_bytes_per_delivery: _, ...without } = sound;
  expect(partsOf(without)!.tcpIp).toBeUndefined();
  const { overhead_bytes_per_delivery: __, ...idle } = sound;
  expect(partsOf(idle)).toBeUndefined();
  expect(medianParts([])).toBeUndefined();
});

it("is the median repeat, part by part", () => {
  const rows = [5, 9, 6].map((overhead) => ({ ...sound, overhead_bytes_per_delivery: overhead }));
  expect(medianParts(rows)!.overhead).toBe(6);
});
