import { expect, it } from "vitest";
import { claimBlocks, claimedHeaders, claimLines, byteRatio } from "./header-claim.ts";

const measured = { pollBytes: 278, frameBytes: 2 };
const [asClaimed, asMeasured, claimedBelow, measuredBelow] = claimBlocks(measured);

it("comes to the claim's own figures from the claim's own headers", () => {
  const shown = claimLines(asClaimed!).map((line) => [
    line.clients,
    line.pollMbps.toFixed(1),
    line.frameMbps.toFixed(3),
  ]);
  expect(shown).toEqual([
    [1_000, "6.6", "0.015"],
    [10_000, "66.5", "0.153"],
    [100_000, "664.5", "1.526"],
  ]);
  expect(byteRatio(claimedHeaders)).toBe(435);
});

it("falls to about 10:1 when TCP/IP is counted", () => {
  expect(claimedBelow).toMatchObject({ pollBytes: 871 + 156, frameBytes: 2 + 104 });
  expect(byteRatio(claimedBelow!)).toBe(9.7);
});

it("is made again with the headers that were measured", () => {
  expect(asMeasured).toMatchObject(measured);
  expect([byteRatio(asMeasured!), byteRatio(measuredBelow!)]).toEqual([139, 4.1]);
});

it("says in one sentence what a block compares", () => {
  expect(claimBlocks(measured).map(({ says }) => says)).toEqual([
    "As claimed, 871 bytes a poll against 2 a frame: 435:1.",
    "As measured here, 278 bytes a poll against 2 a frame: 139:1.",
    "Claimed with TCP/IP, 1027 bytes a poll against 106 a frame: 9.7:1.",
    "Measured with TCP/IP, 434 bytes a poll against 106 a frame: 4.1:1.",
  ]);
});
