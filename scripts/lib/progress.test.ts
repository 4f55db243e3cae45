import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { showTrial } from "./progress.ts";

const { isTTY } = process.stdout;
beforeEach(() => {
  process.stdout.isTTY = true;
});
afterEach(() => {
  process.stdout.isTTY = isTTY;
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it.each([
  ["TERM", "dumb"],
  ["TERM", ""],
  ["CI", "true"],
  ["NO_COLOR", "1"],
])("prints plain lines on a terminal where %s is %s, one per phase", async (name, value) => {
  for (const other of ["CI", "NO_COLOR"]) vi.stubEnv(other, "");
  vi.stubEnv("TERM", "xterm");
  vi.stubEnv(name, value);
  const log = vi.spyOn(console, "log").mockReturnValue();
  const error = vi.spyOn(console, "error").mockReturnValue();
  const counts = { clients: 2, connected: 2, deliveries: 0, sent: 0, countedUs: 0, phaseFromUs: 0 };
  const view = { phase: "measuring", ...counts } as const;
  await showTrial("tcp", async (show) => {
    for (const secondsLeft of [2, 1]) show({ ...view, secondsLeft });
    show({ ...view, phase: "draining", deliveries: 1_200, secondsLeft: 0 });
    return { failed: false, summary: "done" };
  });
  const failing = showTrial("ws", () => Promise.reject(new Error("the disk is full")));
  await expect(failing).rejects.toThrow("the disk is full");
  await showTrial("sse", () => Promise.resolve({ failed: true, summary: "refused" }));
  expect(log.mock.calls.flat()).toEqual([
    "❯ tcp",
    "› measuring · 2 of 2 clients · 2 s left",
    "› draining · 2 of 2 clients · 0 s left · 1,200 deliveries",
    "✔ tcp  done",
    "❯ ws",
    "✖ ws  the disk is full", // the command ends with this error and says it on standard error
    "❯ sse",
  ]);
  expect(error.mock.calls.flat()).toEqual(["✖ sse  refused"]);
});
