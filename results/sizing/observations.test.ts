import { expect, it } from "vitest";
import { UserError } from "../../scenarios/lib/errors.ts";
import { byLoad, observe } from "./observations.ts";
import { madeUp, sweep } from "../testing/made-up-rows.ts";

const [one, two] = sweep as [(typeof sweep)[0], (typeof sweep)[0]];

it("reads the work of a row and what it took, a second", () => {
  expect(observe([madeUp({ clients: 50, room: 50, perS: 20, payloadBytes: 100 })])).toMatchObject([
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
    madeUp(one, {}, { status: "suspect" }),
    madeUp(one, {}, { status: "invalid" }),
    madeUp(one, {}, { status: "failed" }),
    madeUp(one, {}, { server_cpu_percent: 70.1 }),
    madeUp(one, {}, { payload_bytes_out: 0 }),
    madeUp(one, {}, { pattern: "hub hears" }),
  ];
  expect(observe(rows).map(({ row }) => row.status)).toEqual(["suspect"]);
});

it("takes rows of one load together, whatever their length", () => {
  const rows = [madeUp(one), madeUp(two), madeUp(one, {}, { repeat: 2 }), madeUp(one, {}, { duration_s: 20 })];
  expect(byLoad(observe(rows)).map((repeats) => repeats.length)).toEqual([3, 1]);
});

it.each([
  ["extra_header_bytes", 500, /differ in extra_header_bytes \(0, 500\)/],
  ["payload_kind", "binary", /differ in payload_kind \(text, binary\)/],
  ["network", undefined, /differ in network \(loopback, empty\)/],
  ["client", "mine", /differ in client \(ws, mine\)/],
])("refuses rows that differ in %s, which no term stands for", (name, value, sentence) => {
  const rows = () => observe([madeUp(one), madeUp(two, {}, { [name]: value })]);
  expect(rows).toThrow(UserError);
  expect(rows).toThrow(sentence);
});
