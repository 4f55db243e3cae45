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

const soon = (error: Error): Promise<never> =>
  new Promise((_resolve, reject) => void setTimeout(() => reject(error), 1));

it.each([
  ["a server that cannot go on", { servers: [{ failed: soon, ended: () => never }], workers: [] }],
  ["a server that died", { servers: [{ failed: () => never, ended: soon }], workers: [] }],
  ["a worker that died", { servers: [], workers: [{ failed: () => never, ended: soon }] }],
])("a step that fails because of %s is reported with that cause", async (_, { servers, workers }) => {
  const cause = new Error("the process has run out of memory");
  const start = (each: { failed(error: Error): Promise<never>; ended(error: Error): Promise<never> }) => ({
    failed: each.failed(cause),
    ended: each.ended(cause),
  });
  const processes = { servers: servers.map(start), workers: workers.map(start) } as unknown as TrialProcesses;
  const within = deadlinesFor(processes, new AbortController().signal);
  await expect(within("connecting", 60_000, Promise.reject(new Error("read ECONNRESET")))).rejects.toBe(cause);
});
