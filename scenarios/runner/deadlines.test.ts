import { expect, it } from "vitest";
import type { TrialProcesses } from "./trial-processes.ts";
import { deadlinesFor } from "./deadlines.ts";

const nobody = { servers: [], workers: [] } as unknown as TrialProcesses;
const guard = deadlinesFor(nobody, new AbortController().signal);
const never = new Promise<never>(() => undefined);

it("gives a step its limit and no more", async () => {
  await expect(guard("sing", 20, never)).rejects.toThrow("gave up after 0 s: the processes did not sing");
  await expect(guard("sing", 60_000, Promise.resolve("la"))).resolves.toBe("la");
});

it("waits for a step that says how far it is for as long as that changes, and not longer", async () => {
  let looks = 0;
  const far = (): Promise<number> => Promise.resolve(Math.min(++looks, 5));
  await expect(guard("come", 20, never, far)).rejects.toThrow(/in which nothing moved: the processes did not come$/);
  expect(looks).toBe(6);
});

it("takes one that does not even say how far it is for stuck", async () => {
  await expect(guard("come", 20, never, () => never)).rejects.toThrow("in which nothing moved");
});
