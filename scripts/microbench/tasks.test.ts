import { expect, it } from "vitest";
import { measureTask } from "./measure.ts";
import { microTasks } from "./tasks.ts";

it.each(microTasks)("$name does its work every time, for the same number of messages", ({ name, prepare }) => {
  const call = prepare();
  const messages = call();
  expect(messages).toBe(name.startsWith("parse") ? 64 : Math.max(1, messages));
  for (let time = 0; time < 3; time++) expect(call()).toBe(messages);
});

it("tells tasks apart by their names, which fit the table", () => {
  expect(new Set(microTasks.map(({ name }) => name)).size).toBe(microTasks.length);
  expect(Math.max(...microTasks.map(({ name }) => name.length))).toBeLessThan(35);
});

it("gives messages and bytes per second that agree with the time of one message", async () => {
  let calls = 0;
  const found = await measureTask({ name: "counts", payloadBytes: 100, prepare: () => () => (calls++, 5) }, 20);
  expect(calls).toBeGreaterThan(0);
  expect(found.nsPerMessage).toBeGreaterThan(0);
  expect(found.messagesPerS * found.nsPerMessage).toBeCloseTo(1e9, 0);
  expect(found.bytesPerS).toBe(100 * found.messagesPerS);
});

it("fails with what a task throws", async () => {
  let calls = 0;
  const begin = () => () => {
    if (calls++ > 1_000) throw new Error("out of order");
    return 1;
  };
  await expect(measureTask({ name: "breaks", prepare }, 20)).rejects.toThrow("out of order");
});
