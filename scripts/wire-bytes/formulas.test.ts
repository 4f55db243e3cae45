import { describe, expect, it } from "vitest";
import { formulaOf, hasFormula } from "./formulas.ts";
import { proofCases } from "./prove.ts";
import { defineByteTests } from "./vitest-suite.ts";
import { trafficOverheadBytes, trafficOf } from "./compare-traffic.ts";
import { defaultOptions, standardTransports } from "../../scenarios/transports/load-transport.ts";
import { type ByteCost, type ByteContext } from "./formula.ts";

const place: ByteContext = {
  address: { host: "127.0.0.1", port: 40_000 },
  options: defaultOptions,
  received: 1,
  date: "Sun, 06 Nov 1994 08:49:37 GMT",
};

defineByteTests(standardTransports());

it("has a formula for each of the transports that the reference table has", () => {
  expect(standardTransports().filter(hasFormula)).toEqual(["short-poll", "long-poll", "ws", "socket.io", "tcp"]);
});

it("weighs both directions, text, binary and escapes, around every bound of a frame's length", () => {
  for (const direction of ["send", "delivery"])
    for (const kind of ["text", "binary"])
      for (const payloadBytes of [0, 1, 92, 125, 126, 65_535, 65_536])
        expect(proofCases).toContainEqual({ direction, kind, payloadBytes });
  expect(proofCases.filter(({ kind }) => kind === "escapes").length).toBeGreaterThan(0);
});

it("says what to do about a transport without a formula", () => {
  expect(() => formulaOf("carrier-pigeon")).toThrow(
    'No formula says what "carrier-pigeon" must cost on the wire: add one to formulas in scripts/wire-bytes/formulas.ts.',
  );
});

describe("the formulas at 92 bytes", () => {
  const payload = Buffer.alloc(92, "x");

  it.each<[string, text: boolean, sent: number, delivered: number]>([
    ["ws", true, 6, 2],
    ["ws", false, 6, 2],
    ["socket.io", true, 19, 15],
    ["socket.io", false, 54, 46],
    ["socket.io-default", true, 19, 15],
    ["socket.io-recovery", true, 19, 25],
    ["socket.io-msgpack", true, 53, 28],
    ["socket.io-msgpack", false, 53, 28],
    ["tcp", true, 4, 4],
    ["tcp-lines", true, 1, 1],
    ["tcp-lines", false, 3, 3],
    ["udp", true, 1, 1],
    // As "chat/1" would take 10: a topic of 11 bytes, or 12.
    ["mqtt", true, 15, 16],
    ["mqtt-qos1", true, 21, 22],
    ["grpc", true, 16, 16],
    // 127.0.0.1 and a port of five digits; an array's brackets and quotes, or a record's header.
    ["short-poll", true, 259, 278],
    ["short-poll", false, 259, 270],
    ["long-poll", true, 259, 278],
  ])("%s, text %s: %d bytes a send, %d a delivery", (name, text, sent, delivered) => {
    const { send, delivery } = formulaOf(name);
    const overhead = (cost: ByteCost): number => trafficOverheadBytes(trafficOf(cost)) - payload.length;
    expect([overhead(send(payload, text, place)), overhead(delivery(payload, text, place))]).toEqual([sent, delivered]);
  });
});

it.each([
  ["ws", { in: 154, out: 129 }],
  ["socket.io", { in: 198, out: 273 }],
  ["socket.io-msgpack", { in: 217, out: 292 }],
  ["tcp", { in: 0, out: 0 }],
])("the formula for the set-up of %s is %o", (name, duplex) => {
  expect(formulaOf(name).setUp!(place)).toEqual({ duplex });
});

it.each([
  ["ws", { in: 6, out: 2 }],
  ["socket.io", { in: 7, out: 3 }],
])("the formula for a heartbeat of %s is %o", (name, duplex) => {
  expect(formulaOf(name).idle!.cost(place)).toEqual({ duplex });
});
