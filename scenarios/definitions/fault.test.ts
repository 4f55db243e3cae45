import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../lib/errors.ts";
import { faultKinds, needsLink, parseFault, parseReconnect, reconnectText, type FaultKind } from "./fault.ts";

const kinds = Object.keys(faultKinds) as FaultKind[];
const partsOf = (text: string): object => {
  const { text: _, ...parts } = parseFault("--fault", text);
  return parts;
};

/** A correct text of any fault, in any of its spellings. */
const anyText = fc
  .record({
    kind: fc.constantFrom(...kinds),
    forMs: fc.integer({ min: 1, max: 86_400_000 }),
    percent: fc.double({ min: 0.0001, max: 99.99, noNaN: true }),
    isPlain: fc.boolean(),
    every: fc.option(fc.integer({ min: 1_000, max: 86_400_000 })),
    atMs: fc.option(fc.integer({ min: 0, max: 86_400_000 })),
    inSeconds: fc.boolean(),
  })
  .map(({ kind, forMs, percent, isPlain, every, atMs, inSeconds }) => {
    const { lasts, picksClients } = faultKinds[kind];
    const spelled = (ms: number): string => (inSeconds ? `${ms / 1000}s` : `${ms}ms`);
    const parts = [...(lasts ? [spelled(forMs)] : []), ...(picksClients && !isPlain ? [`${percent.toFixed(4)}%`] : [])];
    const shuffled = inSeconds ? parts : parts.toReversed();
    const period = kind === "cut" && every !== null ? `/${spelled(every)}` : "";
    return [kind, ...shuffled].join(":") + period + (atMs === null ? "" : `@${spelled(atMs)}`);
  });

describe("a fault is read from its text", () => {
  it.each([
    ["cut:50%@5s", { kind: "cut", share: 0.5, atMs: 5_000, forMs: 0 }],
    ["cut:12.5%@250ms", { kind: "cut", share: 0.125, atMs: 250, forMs: 0 }],
    ["cut:100%/15s@0s", { kind: "cut", share: 1, atMs: 0, forMs: 0, everyMs: 15_000 }],
    ["gone:5s:20%@1m", { kind: "gone", share: 0.2, atMs: 60_000, forMs: 5_000 }],
    ["half-open:60s:20%@5s", { kind: "half-open", share: 0.2, atMs: 5_000, forMs: 60_000 }],
    ["asleep:10s:10%@5s", { kind: "asleep", share: 0.1, atMs: 5_000, forMs: 10_000 }],
    ["restart@5s", { kind: "restart", share: 1, atMs: 5_000, forMs: 0 }],
    ["restart-hard@2s", { kind: "restart-hard", share: 1, atMs: 2_000, forMs: 0 }],
  ])("%s, which is its canonical text", (text, parts) => {
    expect(partsOf(text)).toEqual(parts);
    expect(parseFault("--fault", text).text).toBe(text.replace("250ms", "0.25s").replace("1m", "60s"));
  });

  it("half of the clients after 5 s where the text does not say who and when, and all of them at a restart", () => {
    expect(parseFault("--fault", "cut").text).toBe("cut:50%@5s");
    expect(parseFault("--fault", "gone:3s").text).toBe("gone:3s:50%@5s");
    expect(parseFault("--fault", "restart")).toMatchObject({ text: "restart@5s", share: 1 });
  });

  it("share and length in either order", () => {
    expect(parseFault("--fault", "gone:20%:5s")).toEqual(parseFault("--fault", "gone:5s:20%"));
  });

  it("the same canonical text for the same fault, whatever its spelling", () => {
    for (const [one, other] of [
      ["gone:1005ms", "gone:1.005s:50.0%@5000ms"],
      ["half-open:1m:20%@0s", "half-open:60s:20.00000001%@0.1ms"],
      ["cut:100%/15s@0s", "cut:100%/15000ms@0ms"],
    ] as const)
      expect(parseFault("--fault", one)).toEqual(parseFault("--fault", other));
  });

  it("other canonical texts for other faults", () => {
    const texts = ["cut", "cut:51%", "cut@6s", "cut/15s", "cut/16s", "gone:5s", "gone:6s", "half-open:5s", "asleep:5s"];
    const all = [...texts, "restart", "restart-hard"].map((text) => parseFault("--fault", text).text);
    expect(new Set(all).size).toBe(all.length);
  });

  it("the canonical text means the same fault, for every text", () =>
    fc.assert(
      fc.property(anyText, (text) => {
        const fault = parseFault("--fault", text);
        expect(parseFault("--fault", fault.text)).toEqual(fault);
      }),
    ));
});

describe("a wrong text is one sentence that begins with the flag", () => {
  it.each([
    ["", /is no kind of fault/],
    ["cutt@5s", /"cutt" is no kind of fault.*"cut"/],
    ["toString", /is no kind of fault/],
    ["cut@5s@6s", /"cut@5s@6s" is no fault: write it such as cut:50%@5s/],
    ["cut@5s/15s", /is no fault/],
    ["cut/1s/2s", /is no fault/],
    ["gone:5s:6s", /has one share and one length at most/],
    ["cut:10%:20%", /has one share and one length at most/],
    ["cut:", /"" is not a duration/],
    ["gone:5", /gone: "5" is not a duration/],
    ["gone:0s", /gone: "0s" is not a duration/],
    ["cut@", /@ "" is not a duration/],
    ["cut@soon", /@ "soon" is not a duration/],
    ["cut/0s", /\/ "0s" is not a duration/],
    ["cut/999ms", /comes again after 1s at the earliest: write it such as cut:100%\/15s@0s/],
    ["cut:0%", /0% is not a share of clients above 0% and up to 100%/],
    ["cut:101%", /101% is not a share/],
    ["cut:half%", /half% is not a share/],
    ["cut:-5%", /-5% is not a share/],
    ["cut:0.00001%", /0.00001% is not a share/],
    ["cut:5s", /cut is over at once: leave the length out/],
    ["restart:5s", /restart is over at once: leave the length out/],
    ["gone", /gone needs a length: write it such as gone:5s:50%@5s/],
    ["half-open:20%", /half-open needs a length/],
    ["asleep", /asleep needs a length/],
    ["restart:50%", /restart meets every client: leave the share out/],
    ["restart-hard:1%", /restart-hard meets every client: leave the share out/],
    ["gone:5s/15s", /only a cut comes again: write it such as cut:100%\/15s@0s/],
    ["restart/15s", /only a cut comes again/],
    ["asleep:5s:100%", /asleep stops its clients, so somebody else must send: give a share below 100%/],
  ])("%j", (text, sentence) => {
    const parse = (): unknown => parseFault("--fault", text);
    expect(parse).toThrow(UserError);
    expect(parse).toThrow(sentence);
    expect(parse).toThrow(/^--fault[^\n]*[.?]$/);
  });

  it("any other text as well, if it is no fault", () => {
    const outcomeOf = (text: string): unknown => {
      try {
        return parseFault("--fault", text);
      } catch (error) {
        return error;
      }
    };
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z:%/@0-9.-]{0,20}$/)), (text) => {
        const outcome = outcomeOf(text);
        expect(outcome instanceof UserError || Object.hasOwn(outcome as object, "kind")).toBe(true);
      }),
    );
  });
});

describe("the window of --reconnect", () => {
  it.each([
    ["1s..5s", { minMs: 1_000, maxMs: 5_000 }, "1s..5s"],
    ["2s", { minMs: 2_000, maxMs: 2_000 }, "2s..2s"],
    ["0s..250ms", { minMs: 0, maxMs: 250 }, "0s..0.25s"],
  ])("%s", (text, window, canonical) => {
    expect(parseReconnect("--reconnect", text)).toEqual(window);
    expect(reconnectText(window)).toBe(canonical);
    expect(parseReconnect("--reconnect", canonical)).toEqual(window);
  });

  it.each([
    ["5s..1s", /"5s..1s" is no time to wait: write the shortest and the longest, such as 1s..5s/],
    ["1s..2s..3s", /is no time to wait/],
    ["1s..", /is not a duration/],
    ["1..5", /is not a duration/],
    ["soon", /is not a duration/],
  ])("%s is one sentence", (text, sentence) => {
    const parse = (): unknown => parseReconnect("--reconnect", text);
    expect(parse).toThrow(UserError);
    expect(parse).toThrow(sentence);
  });
});

it("what drops packets needs a link of its own, and what resets or restarts does not", () => {
  const texts = ["cut", "gone:1s", "half-open:1s", "asleep:1s:10%", "restart", "restart-hard"];
  expect(texts.filter((text) => needsLink(parseFault("--fault", text)))).toEqual([
    "gone:1s",
    "half-open:1s",
    "asleep:1s:10%",
  ]);
});
