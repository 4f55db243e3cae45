import * as fc from "fast-check";
import { expect, it } from "vitest";
import { openReplayBuffer, type ReplayBuffer, type StreamEvent } from "./replay-buffer.ts";

const eventOf = (id: number, bytes: number): StreamEvent => ({ id, framed: Buffer.alloc(bytes), payloadBytes: bytes });
const ids = (events: readonly StreamEvent[] | undefined): number[] | undefined => events?.map(({ id }) => id);

function filled(replayBytes: number, ...all: [id: number, bytes: number][]): ReplayBuffer {
  const log = openReplayBuffer(replayBytes);
  for (const [id, bytes] of all) log.markSent(eventOf(id, bytes));
  return log;
}

it("says everything again to who names nothing, and what came after the one who is named", () => {
  const log = filled(100, [3, 10], [5, 10], [9, 10]);
  expect(ids(log.after(undefined))).toEqual([3, 5, 9]);
  expect(ids(log.after(3))).toEqual([5, 9]);
  expect(ids(log.after(4))).toEqual([5, 9]);
  expect(ids(log.after(9))).toEqual([]);
});

it("has nothing to say where nothing was said", () => {
  expect(ids(openReplayBuffer(100).after(undefined))).toEqual([]);
  expect(ids(openReplayBuffer(100).after(0))).toEqual([]);
  expect(openReplayBuffer(100).after(1)).toBeUndefined();
});

it("forgets the oldest beyond its size, never the last, and then knows that it cannot go on from there", () => {
  const log = filled(20, [1, 10], [2, 10], [3, 10]);
  expect(log.after(undefined)).toBeUndefined();
  expect(ids(log.after(1))).toEqual([2, 3]);
  const large = filled(20, [1, 10], [2, 1_000]);
  expect(ids(large.after(1))).toEqual([2]);
});

it.each([
  ["a number that was never said", 4],
  ["less than was named before", 0],
  ["no number", NaN],
  ["less than nothing", -1],
])("cannot go on from %s", (_what, id) => {
  const log = filled(100, [1, 10], [2, 10], [3, 10]);
  expect(ids(log.after(2))).toEqual([3]);
  expect(log.after(id)).toBeUndefined();
  expect(ids(log.after(2))).toEqual([3]);
});

it("keeps what waits until it is handed over, in order, and knows its bytes", () => {
  const log = filled(1_000, [1, 10]);
  log.queue(eventOf(2, 30));
  log.queue(eventOf(3, 7));
  expect([log.queuedBytes(), ids(log.after(1))]).toEqual([37, []]);
  expect(log.after(2)).toBeUndefined();
  expect(ids(log.takeQueued())).toEqual([2, 3]);
  expect([log.queuedBytes(), ids(log.takeQueued()), ids(log.after(1))]).toEqual([0, [], [2, 3]]);
});

it("says again just what a client that goes on lacks, or that it cannot, whatever is said and wherever it breaks off", () => {
  const step = fc.oneof(
    fc.nat({ max: 40 }).map((bytes) => ({ bytes })),
    fc.nat({ max: 20 }).map((back) => ({ back })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const log = openReplayBuffer(200);
      const said: StreamEvent[] = [];
      const [found, due]: (readonly StreamEvent[] | undefined)[][] = [[], []];
      let named = 0;
      for (const each of steps)
        if ("bytes" in each) {
          said.push(eventOf(said.length + 1, each.bytes + 1));
          log.markSent(said.at(-1)!);
        } else {
          const id = Math.max(0, said.length - each.back);
          const lacks = said.slice(id);
          const isKept =
            lacks.slice(0, -1).length === 0 || lacks.reduce((sum, { framed }) => sum + framed.length, 0) <= 200;
          found!.push(log.after(id));
          due!.push(id >= named && isKept ? lacks : undefined);
          if (found!.at(-1)) named = id;
        }
      expect(found).toEqual(due);
    }),
  );
});
