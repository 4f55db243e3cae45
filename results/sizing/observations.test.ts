import { expect, it } from "vitest";
import { UserError } from "../../scenarios/lib/errors.ts";
import { groupByLoad, observationsFrom } from "./observations.ts";
import { madeUpRows, sweep } from "../testing/made-up-rows.ts";

const [one, two] = sweep as [(typeof sweep)[0], (typeof sweep)[0]];

it("reads the work of a row and what it took, a second", () => {
  expect(observationsFrom([madeUpRows({ clients: 50, room: 50, perS: 20, payloadBytes: 100 })])).toMatchObject([
    {
      work: { clients: 50, sends: 20, deliveries: 1_000, exchanges: 0, payloadBytes: 102_000 },
      overheadOutPerS: 10_000,
      overheadInPerS: 800,
      headersPerS: 102_000,
    },
  ]);
});

it("uses rows of plain conversations that count, carried messages and left the server some of its core", () => {
  const rows = [
    madeUpRows(one, {}, { status: "suspect" }),
    madeUpRows(one, {}, { status: "invalid" }),
    madeUpRows(one, {}, { status: "failed" }),
    madeUpRows(one, {}, { server_cpu_percent: 70.1 }),
    madeUpRows(one, {}, { payload_bytes_out: 0 }),
    madeUpRows(one, {}, { traffic_pattern: "server receives" }),
  ];
  expect(observationsFrom(rows).map(({ row }) => row.status)).toEqual(["suspect"]);
});

it("takes rows of one load together, whatever their length", () => {
  const rows = [
    madeUpRows(one),
    madeUpRows(two),
    madeUpRows(one, {}, { repeat: 2 }),
    madeUpRows(one, {}, { duration_s: 20 }),
  ];
  expect(groupByLoad(observationsFrom(rows)).map((repeats) => repeats.length)).toEqual([3, 1]);
});

it.each([
  ["extra_header_bytes", 500, /differ in extra_header_bytes \(0, 500\)/],
  ["payload_kind", "binary", /differ in payload_kind \(text, binary\)/],
  ["network", undefined, /differ in network \(loopback, empty\)/],
  ["client", "mine", /differ in client \(ws, mine\)/],
])("refuses rows that differ in %s, which no term stands for", (name, value, sentence) => {
  const rows = () => observationsFrom([madeUpRows(one), madeUpRows(two, {}, { [name]: value })]);
  expect(rows).toThrow(UserError);
  expect(rows).toThrow(sentence);
});
