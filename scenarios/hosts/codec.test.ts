import { deserialize, serialize } from "node:v8";
import { expect, it } from "vitest";
import { openCodec } from "./engine.ts";

/** What IPC between processes of one machine makes of a value. */
const byIpc = (value: unknown): unknown => deserialize(serialize(value));

it.each([
  ["nothing", undefined],
  ["numbers that JSON has not", [NaN, Infinity, 2 ** 53 - 1, 1e-7, 1_700_000_000_000.25]],
  ["absent fields", { lost: undefined, null: null, empty: {} }],
  ["a map", new Map([["timed out", 3]])],
  ["a set", new Set([1, 2])],
  [
    "typed arrays",
    { due: Float64Array.of(0.5, NaN, -1), at: Int32Array.of(-1, 2 ** 31 - 1), none: new Float64Array(0) },
  ],
  ["nested lists", [[{ host: "10.0.0.5", port: 1 }], []]],
  [
    "an object with very many names",
    Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`${i * 7}`, { token: `t${i}` }])),
  ],
  ["text of every kind", 'ü "\u0000" \u{1F600}'],
  ["a large histogram", { latency: "HISTFAAA".repeat(10_000) }],
])("a call carries %s as a process of this machine gets it", async (_name, value) => {
  const codec = await openCodec();
  expect(codec.unpack(codec.pack(value))).toEqual(byIpc(value));
});

it("another process needs nothing but the text", async () => {
  const [sender, receiver] = [await openCodec(), await openCodec()];
  const calls = [{ a: 1, b: new Map([[1, { c: 2 }]]) }, { a: 2, b: new Map() }, { d: [{ a: 1 }, { a: 2 }] }];
  for (const call of calls) expect(receiver.unpack(sender.pack(call))).toEqual(call);
  expect(receiver.unpack(sender.pack(calls[1]))).toEqual(calls[1]);
});

it("a typed array stays the kind that it was", async () => {
  const codec = await openCodec();
  const { due, bytes } = codec.unpack(codec.pack({ due: Float64Array.of(1), bytes: Buffer.from("ab") })) as {
    due: unknown;
    bytes: Uint8Array;
  };
  expect(due).toBeInstanceOf(Float64Array);
  expect([...bytes]).toEqual([97, 98]);
});
