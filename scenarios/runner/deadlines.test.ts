import { expect, it } from "vitest";
import { deadlinesFor } from "./deadlines.ts";
import type { TrialProcesses } from "./trial-processes.ts";

const nobody = { servers: [], workers: [] } as unknown as TrialProcesses;
const withDeadline = deadlinesFor(nobody, new AbortController().signal);
const never = new Promise<never>(() => undefined);

it("a step has its limit and no more", async () => {
  await expect(withDeadline("singing", 20, never)).rejects.toThrow("timed out after 0 s while singing");
  await expect(withDeadline("singing", 60_000, Promise.resolve("la"))).resolves.toBe("la");
});

it("a step that reports progress may take longer than its limit while its progress changes", async () => {
  let progress = 0;
  let finish!: (value: string) => void;
  const step = new Promise<string>((resolve) => (finish = resolve));
  const report = (): Promise<number> => {
    if (progress === 5) finish("done"); // the fifth reading is after four limits
    return Promise.resolve(progress++);
  };
  await expect(withDeadline("connecting", 20, step, report)).resolves.toBe("done");
});

it("a step whose progress stands still times out", async () => {
  const report = (): Promise<number> => Promise.resolve(7);
  await expect(withDeadline("connecting", 20, never, report)).rejects.toThrow("no progress for 0 s while connecting");
});

it("a step that does not even report its progress times out", async () => {
  await expect(withDeadline("connecting", 20, never, () => never)).rejects.toThrow("no progress for 0 s");
});
