import { expect, it } from "vitest";
import { UserError } from "../../scenarios/lib/errors.ts";
import { groupObservations, observationsFrom } from "./observations.ts";
import { madeUpRow, sweep } from "../testing/made-up-rows.ts";

const [one, two] = sweep as [(typeof sweep)[0], (typeof sweep)[0]];

it("reads the work of a row and its bytes per second", () => {
  expect(observationsFrom([madeUpRow({ clients: 50, roomSize: 50, sendsPerS: 20, payloadBytes: 100 })])).toMatchObject([
    {
      work: { clients: 50, sends: 20, deliveries: 1_000, polls: 0, payloadBytes: 102_000 },
      overheadOutPerS: 10_000,
      overheadInPerS: 800,
      headersPerS: 102_000,
    },
  ]);
});

it("uses valid and suspect rows of plain traffic without a fault that carried messages and left the server spare CPU", () => {
  const rows = [
    madeUpRow(one, {}, { status: "suspect" }),
    madeUpRow(one, {}, { status: "invalid" }),
    madeUpRow(one, {}, { status: "failed" }),
    madeUpRow(one, {}, { server_cpu_percent: 70.1 }),
    madeUpRow(one, {}, { payload_bytes_out: 0 }),
    madeUpRow(one, {}, { traffic_pattern: "server receives" }),
    madeUpRow(one, {}, { fault: "cut:50%@5s" }),
  ];
  expect(observationsFrom(rows).map(({ row }) => row.status)).toEqual(["suspect"]);
});

it("groups the rows of one load, whatever their duration", () => {
  const rows = [
    madeUpRow(one),
    madeUpRow(two),
    madeUpRow(one, {}, { repeat: 2 }),
    madeUpRow(one, {}, { duration_s: 20 }),
  ];
  expect(groupObservations(observationsFrom(rows)).map((repeats) => repeats.length)).toEqual([3, 1]);
});

it.each([
  ["extra_header_bytes", 500, /differ in extra_header_bytes \(0, 500\)/],
  ["payload_kind", "binary", /differ in payload_kind \(text, binary\)/],
  ["network", undefined, /differ in network \(loopback, empty\)/],
  ["client", "mine", /differ in client \(ws, mine\)/],
])("refuses rows that differ in %s, which no term explains", (name, value, sentence) => {
  const rows = () => observationsFrom([madeUpRow(one), madeUpRow(two, {}, { [name]: value })]);
  expect(rows).toThrow(UserError);
  expect(rows).toThrow(sentence);
});
