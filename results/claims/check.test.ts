import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { checkClaim, checkClaims } from "./check.ts";
import { claims, type Claim } from "./claims.ts";
import { faultClaims } from "./fault-claims.ts";
import { claimsText } from "./format.ts";
import { networkClaims } from "./network-claims.ts";

const load = { scenario: "chat-100", payload_kind: "text" };
const claim: Claim = {
  text: "Polling adds latency.",
  expectedHigher: { transport: "short-poll", ...load },
  expectedLower: { transport: "ws", ...load },
  column: "latency_p50_us",
  unit: "ms",
  per: 1000,
  digits: 2,
};
const rowsOf = (transport: string, values: number[], changes: Row = {}): Row[] =>
  values.map((latency_p50_us) => ({ ...load, transport, status: "valid", latency_p50_us, ...changes }));

describe("a claim", () => {
  it("holds where every repeat of the side that should be higher is above every repeat of the other side", () => {
    const rows = [
      ...rowsOf("short-poll", [500_000, 520_000, 480_000, 500_000]),
      ...rowsOf("ws", [1_000, 1_100, 900, 1_000]),
    ];
    const checked = checkClaim(claim, rows);
    expect(checked).toMatchObject({ verdict: "holds", higher: 500_000, lower: 1_000, ratio: 500 });
    expect(claimsText([checked])).toBe(
      "1. Polling adds latency.\n  holds · short-poll 500.00 ms against ws 1.00 ms: 500 times\n  (latency_p50_us; chat-100, text)",
    );
  });

  it("fails where the opposite was measured, and is too close to decide where the repeats overlap", () => {
    const ws = rowsOf("ws", [1_000, 1_100, 1_000, 1_000]);
    expect(checkClaim(claim, [...rowsOf("short-poll", [800, 900, 800, 900]), ...ws]).verdict).toBe("fails");
    expect(checkClaim(claim, [...rowsOf("short-poll", [800, 800, 800, 1_050]), ...ws]).verdict).toBe("close");
  });

  it("needs four repeats a side, or one where the column is exact bytes", () => {
    const rows = [...rowsOf("short-poll", [9, 9, 9]), ...rowsOf("ws", [1, 1, 1, 1])];
    expect(checkClaim(claim, rows)).toMatchObject({ verdict: "too few", ratio: 9 });
    const bytes = rows.map((row) => ({ ...row, overhead_bytes_per_delivery: row.latency_p50_us! }));
    expect(checkClaim({ ...claim, column: "overhead_bytes_per_delivery" }, bytes).verdict).toBe("holds");
  });

  it("is checked on its own network, whatever the congestion control, and else on the loopback", () => {
    const network = "rtt=200ms,loss=1%";
    const sides = {
      expectedHigher: { ...claim.expectedHigher, network },
      expectedLower: { ...claim.expectedLower, network },
    };
    const rows = (changes: Row) => [
      ...rowsOf("short-poll", [9, 9, 9, 9], changes),
      ...rowsOf("ws", [1, 1, 1, 1], changes),
    ];
    const lossy = rows({ network: "rtt=200ms,loss=1%,cc=bbr" });
    expect(checkClaim({ ...claim, ...sides }, lossy).verdict).toBe("holds");
    expect(checkClaim({ ...claim, ...sides }, rows({ network: "rtt=200ms,cc=bbr" })).verdict).toBe("not measured");
    expect(checkClaim({ ...claim, ...sides }, rows({})).verdict).toBe("not measured");
    expect(checkClaim(claim, lossy).verdict).toBe("not measured");
  });

  it("is checked with its own fault, heartbeat and history, and else with none", () => {
    const cut = { scenario: "cut", fault: "cut:50%@5s" };
    const [eager, lossless] = [
      { ...cut, heartbeat: "2s" },
      { ...cut, heartbeat: "2s", history: "500 messages a room" },
    ];
    const sides = (changes: Partial<Row>) => ({
      expectedHigher: { transport: "ws", ...eager, ...changes },
      expectedLower: { transport: "ws", ...lossless, ...changes },
    });
    const rows = (changes: Row) => [
      ...rowsOf("ws", [9, 9, 9, 9], { ...eager, history: "none", ...changes }),
      ...rowsOf("ws", [1, 1, 1, 1], { ...lossless, ...changes }),
    ];
    expect(checkClaim({ ...claim, ...sides({}) }, rows({}))).toMatchObject({ verdict: "holds", higher: 9, lower: 1 });
    for (const others of [{ fault: "cut:50%@2s" }, { heartbeat: "25s" }, { history: "1 messages a room" }])
      expect(checkClaim({ ...claim, ...sides({}) }, rows(others)).verdict).toBe("not measured");
    const plain = { ...claim, expectedHigher: { ...claim.expectedHigher, scenario: "cut" } };
    expect(checkClaim(plain, rowsOf("short-poll", [9], { ...cut })).higher).toBeUndefined();
  });

  it("holds without a ratio where the lower side is 0", () => {
    const checked = checkClaim(claim, [...rowsOf("short-poll", [1, 1, 1, 1]), ...rowsOf("ws", [0, 0, 0, 0])]);
    expect(checked).toMatchObject({ verdict: "holds", ratio: undefined });
  });

  it.each([
    { what: "no rows of a side", ws: [] },
    { what: "only rows of another load", ws: rowsOf("ws", [1_000], { payload_kind: "binary" }) },
    { what: "only invalid rows", ws: rowsOf("ws", [1_000], { status: "invalid" }) },
    {
      what: "only rows without that number",
      ws: rowsOf("ws", [1_000]).map(({ latency_p50_us: _none, ...row }) => row),
    },
  ])("is not measured where there are $what", ({ ws }) => {
    const checked = checkClaim(claim, [...rowsOf("short-poll", [500_000]), ...ws]);
    expect(checked).toMatchObject({ verdict: "not measured", lower: undefined });
    expect(claimsText([checked])).toContain("against ws -");
  });
});

it("every claim is printed in lines of at most 80 columns", () => {
  const all = [...claims, ...networkClaims, ...faultClaims];
  const lines = claimsText(checkClaims([], all)).split("\n");
  expect(lines.length).toBeGreaterThanOrEqual(3 * all.length);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
});

it("a claim of a fault names the heartbeat or the history in which its sides differ", () => {
  const text = claimsText(checkClaims([], faultClaims));
  expect(text).toContain("heartbeat 2s - against heartbeat 25s -");
  expect(text).toContain("no history - against history 500 messages a room -");
  expect(text).toContain("ws - against long-poll -");
});
