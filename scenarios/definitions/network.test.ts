import { describe, expect, test } from "vitest";
import { UserError } from "../lib/errors.ts";
import { networkProfiles } from "./network-profiles.ts";
import { parseNetworks } from "./network.ts";

const parse = (text: string) => parseNetworks("--network", text, "cubic");
const textOf = (text: string) => parse(text).map((each) => each?.text);

describe("the text of a network", () => {
  test("means the conditions that it names, and cubic where the machine's is cubic", () => {
    expect(parse("rtt=80ms,jitter=10ms,loss=1%,rate=10mbit/2mbit,queue=50ms,cc=reno")).toEqual([
      {
        title: "rtt=80ms,jitter=10ms,loss=1%,rate=10mbit/2mbit,queue=50ms,cc=reno",
        text: "rtt=80ms,jitter=10ms,loss=1%,rate=10mbit/2mbit,queue=50ms,cc=reno",
        conditions: {
          rttMs: 80,
          jitterMs: 10,
          lossShare: 0.01,
          rate: { downBitsPerS: 10e6, upBitsPerS: 2e6 },
          queueMs: 50,
          congestionControl: "reno",
        },
      },
    ]);
    expect(textOf("rtt=80ms")).toEqual(["rtt=80ms,cc=cubic"]);
  });

  test("is the same for the same network, however it was written", () => {
    expect(textOf("rate=1mbit,rtt=1s")).toEqual(textOf("rtt=1000ms,rate=1000kbit/1mbit"));
    expect(textOf("3g-fast")).toEqual(textOf("4g-slow"));
    expect(textOf("loss=1.10%")).toEqual(textOf("loss=1.1%"));
    expect(textOf("rtt=10s,loss=50%")).toEqual(["rtt=10000ms,loss=50%,cc=cubic"]);
  });

  test("may name several networks; a condition changes the one before it", () => {
    expect(textOf("loopback,dsl,4g,rtt=10ms,loss=0.5%")).toEqual([
      undefined,
      "rtt=50ms,rate=1500kbit/384kbit,queue=313ms,cc=cubic",
      "rtt=10ms,loss=0.5%,rate=9mbit/9mbit,queue=100ms,cc=cubic",
    ]);
  });

  test("begins anew after the loopback, which has no conditions", () => {
    expect(textOf("loopback,rtt=20ms,loss=1%")).toEqual([undefined, "rtt=20ms,loss=1%,cc=cubic"]);
  });

  test("gives a slow link a queue of ten full packets, and every other one 100 ms", () => {
    expect(parse("rate=32kbit")[0]!.conditions.queueMs).toBe(3750);
    expect(parse("rate=10mbit")[0]!.conditions.queueMs).toBe(100);
  });

  test.each(Object.keys(networkProfiles))("knows %s", (name) => {
    expect(parse(name)[0]!.conditions.rttMs).toBeGreaterThan(0);
  });
});

describe("a mistake is one sentence with a remedy", () => {
  test.each([
    ["3gslow", /Did you mean "3g-slow"/],
    ["rt=80ms", /Did you mean "rtt"/],
    ["rtt", /has no value/],
    ["rtt=0ms", /from 1ms to 10s/],
    ["rtt=-5ms", /from 1ms to 10s/],
    ["rtt=24h", /from 1ms to 10s/],
    ["rtt=11s", /from 1ms to 10s/],
    ["loss=0%", /up to 50%/],
    ["loss=50.1%", /up to 50%/],
    ["rtt=10001ms", /from 1ms to 10s/],
    ["loss=1", /up to 50%/],
    ["rate=0mbit", /from 8kbit to 10gbit/],
    ["rate=1mbit/2mbit/3mbit", /from 8kbit to 10gbit/],
    ["rtt=1ms,rtt=2ms", /clash/],
    ["rtt=5ms,jitter=9ms", /more than the round trip/],
    ["queue=5ms", /add rate/],
    ["rtt=5ms,cc=../x", /congestion control/],
    ["", /empty part/],
    ["3g,,4g", /empty part/],
  ])("%s", (text, sentence) => {
    expect(() => parse(text)).toThrow(UserError);
    expect(() => parse(text)).toThrow(sentence);
    expect(() => parse(text)).toThrow(/^[^\n]+[.]$/);
  });
});
