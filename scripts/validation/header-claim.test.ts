import { expect, it } from "vitest";
import { claimedHeaders, headerComparisons, headerRatio, headerTrafficRows } from "./header-claim.ts";
import { headerClaimText } from "./header-claim-table.ts";

const measured = { pollBytes: 278, frameBytes: 2 };
const [asClaimed, asMeasured, claimedTcp, measuredTcp] = headerComparisons(measured);

it("the claimed header sizes give the claimed figures", () => {
  const shown = headerTrafficRows(asClaimed!).map((row) => [
    row.clients,
    row.pollMbps.toFixed(1),
    row.frameMbps.toFixed(3),
  ]);
  expect(shown).toEqual([
    [1_000, "6.6", "0.015"],
    [10_000, "66.5", "0.153"],
    [100_000, "664.5", "1.526"],
  ]);
  expect(headerRatio(claimedHeaders)).toBe(435);
});

it("the claimed ratio falls to about 10:1 with TCP/IP headers", () => {
  expect(claimedTcp).toMatchObject({ pollBytes: 871 + 156, frameBytes: 2 + 104 });
  expect(headerRatio(claimedTcp!)).toBe(9.7);
});

it("the measured header sizes are compared in the same way", () => {
  expect(asMeasured).toMatchObject(measured);
  expect([headerRatio(asMeasured!), headerRatio(measuredTcp!)]).toEqual([139, 4.1]);
});

it("each comparison is one sentence", () => {
  expect(headerComparisons(measured).map(({ sentence }) => sentence)).toEqual([
    "As claimed, 871 bytes per poll against 2 per frame: 435:1.",
    "As measured here, 278 bytes per poll against 2 per frame: 139:1.",
    "As claimed, with TCP/IP, 1027 bytes per poll against 106 per frame: 9.7:1.",
    "As measured here, with TCP/IP, 434 bytes per poll against 106 per frame: 4.1:1.",
  ]);
});

it("the text has a table row for each comparison and number of clients, within 80 columns", () => {
  const lines = headerClaimText(measured).split("\n");
  expect(lines.filter((line) => line.endsWith(":1"))).toHaveLength(12);
  expect(lines[1]).toMatch(/^claimed +1,000 +6\.6 +0\.015 +435:1$/);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
});
