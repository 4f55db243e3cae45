import { expect, it } from "vitest";
import { measureTask } from "./measure.ts";
import { microTasks } from "./tasks.ts";

it.each(microTasks)("$name handles $messagesPerCall messages in every call", ({ messagesPerCall, prepare }) => {
  const call = prepare();
  for (let time = 0; time < 4; time++) expect(call()).toBe(messagesPerCall);
});

it("has a different name for each task, short enough for the table", () => {
  expect(new Set(microTasks.map(({ name }) => name)).size).toBe(microTasks.length);
  expect(Math.max(...microTasks.map(({ name }) => name.length))).toBeLessThan(35);
});

it("computes messages and bytes per second from the time of one message", async () => {
  const task = { name: "counts", payloadBytes: 100, messagesPerCall: 5, prepare: () => () => 5 };
  const cost = await measureTask(task, 20);
  expect(cost.nsPerMessage).toBeGreaterThan(0);
  expect(cost.messagesPerS * cost.nsPerMessage).toBeCloseTo(1e9, 0);
  expect(cost.bytesPerS).toBe(100 * cost.messagesPerS);
});

it("rejects where a call handles another number of messages than the task declares", async () => {
  const task = { name: "idle", messagesPerCall: 5, prepare: () => () => 0 };
  await expect(measureTask(task, 20)).rejects.toThrow('"idle" handled 0 messages in a call instead of 5');
});

it("rejects with the error of a task", async () => {
  let calls = 0;
  const prepare = () => () => {
    if (calls++ > 1_000) throw new Error("out of order");
    return 1;
  };
  await expect(measureTask({ name: "breaks", messagesPerCall: 1, prepare }, 20)).rejects.toThrow("out of order");
});
