import { expect, it } from "vitest";
import { testKeys, testMeasurement } from "../../testing/measurement.ts";
import { buildRow } from "../../rows/row.ts";
import { medianByteParts, byteParts, totalBytes } from "./byte-breakdown.ts";

const sound = buildRow(testKeys, testMeasurement());

it("adds up to all bytes on the wire and what TCP and IP add, per delivery", () => {
  const deliveries = sound.payload_bytes_out! / sound.payload_bytes!;
  const wire = (sound.wire_bytes_in! + sound.wire_bytes_out!) / deliveries + sound.tcp_ip_bytes_per_delivery!;
  expect(totalBytes(byteParts(sound)!)).toBeCloseTo(wire, 9);
});

it("tells framing from headers, and headers from empty polls where the file does", () => {
  expect(byteParts(sound)).toMatchObject({ framing: 10, headers: undefined, empty: undefined });
  const polled = { ...sound, polls_answered: 100, overhead_bytes_per_delivery: 300 };
  expect(byteParts(polled)).toMatchObject({ framing: undefined, headers: 300, empty: undefined });
  expect(byteParts({ ...polled, empty_poll_bytes_per_delivery: 80 })).toMatchObject({ headers: 220, empty: 80 });
});

it("leaves out what was not measured", () => {
  const { tcp_ip_bytes_per_delivery: _, ...without } = sound;
  expect(byteParts(without)!.tcpIp).toBeUndefined();
  const { overhead_bytes_per_delivery: __, ...idle } = sound;
  expect(byteParts(idle)).toBeUndefined();
  expect(medianByteParts([])).toBeUndefined();
});

it("is the median repeat, part by part", () => {
  const rows = [5, 9, 6].map((overhead) => ({ ...sound, overhead_bytes_per_delivery: overhead }));
  expect(medianByteParts(rows)!.overhead).toBe(6);
});
