import { expect, it } from "vitest";
import { clientsThatFit, descriptorsFor, findLimits } from "./limits.ts";

it("fits as many clients into a process as its descriptors allow, with every socket of a client", () => {
  for (const socketsPerClient of [1, 2, 3])
    for (const limit of [100, 1_024, 20_000]) {
      const most = clientsThatFit(socketsPerClient, limit);
      expect(descriptorsFor(most, socketsPerClient)).toBeLessThanOrEqual(limit);
      expect(descriptorsFor(most + 1, socketsPerClient)).toBeGreaterThan(limit);
    }
});

it("fits no client into too few descriptors, and any number without a limit", () => {
  expect(clientsThatFit(1, 10)).toBe(0);
  expect(clientsThatFit(2, null)).toBe(Infinity);
});

it("finds limits of this machine that are positive numbers or unknown", () => {
  expect(findLimits().cores).toBeGreaterThan(0);
  for (const limit of Object.values(findLimits())) expect(limit ?? 1).toBeGreaterThan(0);
});
