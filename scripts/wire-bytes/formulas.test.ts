import { describe, expect, it } from "vitest";
import { formulaOf, hasFormula } from "./formulas.ts";
import { proofCases } from "./prove.ts";
import { defineByteTests } from "./vitest-suite.ts";
import { trafficOverheadBytes, trafficOf } from "./compare-traffic.ts";
import { defaultOptions, standardTransports } from "../../scenarios/transports/load-transport.ts";
import { type ByteCost, type ByteContext } from "./formula.ts";

const context: ByteContext = {
  address: { host: "127.0.0.1", port: 40_000 },
  options: defaultOptions,
  received: 1,
  date: "Sun, 06 Nov 1994 08:49:37 GMT",
};

defineByteTests(standardTransports());

it("has a formula for every standard transport", () => {
  expect(standardTransports().filter(hasFormula)).toEqual(["short-poll", "long-poll", "ws", "socket.io", "tcp"]);
});

it("measures both directions with text, binary and escaped text, at every size where a frame header grows", () => {
  for (const direction of ["send", "delivery"])
    for (const kind of ["text", "binary"])
      for (const payloadBytes of [0, 1, 92, 125, 126, 65_535, 65_536])
        expect(proofCases).toContainEqual({ direction, kind, payloadBytes });
  expect(proofCases.filter(({ kind }) => kind === "escapes").length).toBeGreaterThan(0);
});

it("tells where to add the formula of a transport that has none", () => {
  expect(() => formulaOf("carrier-pigeon")).toThrow(
    'There is no byte formula for "carrier-pigeon". Add one to "formulas" in scripts/wire-bytes/formulas.ts.',
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
    // The topic takes 11 bytes to the server and 12 to the client.
    ["mqtt", true, 15, 16],
    ["mqtt-qos1", true, 21, 22],
    ["mqtt-session", true, 21, 22],
    ["grpc", true, 16, 16],
    // Host 127.0.0.1 and a port of five digits. The body adds brackets and quotes, or the header of a record.
    ["short-poll", true, 259, 278],
    ["short-poll", false, 259, 270],
    ["long-poll", true, 259, 278],
  ])("%s, text %s: %d bytes of overhead per send, %d per delivery", (name, text, sent, delivered) => {
    const { send, delivery } = formulaOf(name);
    const overhead = (cost: ByteCost): number => trafficOverheadBytes(trafficOf(cost)) - payload.length;
    expect([overhead(send(payload, text, context)), overhead(delivery(payload, text, context))]).toEqual([
      sent,
      delivered,
    ]);
  });
});

it.each([
  ["ws", { in: 154, out: 129 }],
  ["socket.io", { in: 198, out: 273 }],
  ["socket.io-msgpack", { in: 217, out: 292 }],
  ["tcp", { in: 0, out: 0 }],
])("the formula for the set-up of %s is %o", (name, duplex) => {
  expect(formulaOf(name).setUp!(context)).toEqual({ duplex });
});

it.each([
  ["ws", { in: 6, out: 2 }],
  ["socket.io", { in: 7, out: 3 }],
])("the formula for a heartbeat of %s is %o", (name, duplex) => {
  expect(formulaOf(name).idle!.cost(context)).toEqual({ duplex });
});
