import { expect, it } from "vitest";
import { testKeys, testMeasurement } from "../../testing/measurement.ts";
import { buildRow } from "../../rows/row.ts";
import { medianByteParts, byteParts, totalBytes } from "./byte-breakdown.ts";

const row = buildRow(testKeys, testMeasurement());

it("sums up to all bytes on the wire plus the TCP/IP headers, per delivery", () => {
  const deliveries = row.payload_bytes_out! / row.payload_bytes!;
  const wire = (row.wire_bytes_in! + row.wire_bytes_out!) / deliveries + row.tcp_ip_bytes_per_delivery!;
  expect(totalBytes(byteParts(row)!)).toBeCloseTo(wire, 9);
});

it("separates framing from HTTP headers, and headers from empty polls when the file has that column", () => {
  expect(byteParts(row)).toMatchObject({ framing: 10, headers: undefined, emptyPolls: undefined });
  const polled = { ...row, polls_answered: 100, overhead_bytes_per_delivery: 300 };
  expect(byteParts(polled)).toMatchObject({ framing: undefined, headers: 300, emptyPolls: undefined });
  expect(byteParts({ ...polled, empty_poll_bytes_per_delivery: 80 })).toMatchObject({ headers: 220, emptyPolls: 80 });
});

it("leaves out parts that were not measured", () => {
  const { tcp_ip_bytes_per_delivery: _, ...without } = row;
  expect(byteParts(without)!.tcpIp).toBeUndefined();
  const { overhead_bytes_per_delivery: __, ...idle } = row;
  expect(byteParts(idle)).toBeUndefined();
  expect(medianByteParts([])).toBeUndefined();
});

it("takes the median of each part over the repeats", () => {
  const rows = [5, 9, 6].map((overhead) => ({ ...row, overhead_bytes_per_delivery: overhead }));
  expect(medianByteParts(rows)!.overhead).toBe(6);
});
