import * as fc from "fast-check";
import { expect, it } from "vitest";
import { openReplayBuffer, type ReplayBuffer, type StreamEvent } from "./replay-buffer.ts";

const eventOf = (id: number, bytes: number): StreamEvent => ({ id, framed: Buffer.alloc(bytes), payloadBytes: bytes });
const ids = (events: readonly StreamEvent[] | undefined): number[] | undefined => events?.map(({ id }) => id);

function filled(replayBytes: number, ...all: [id: number, bytes: number][]): ReplayBuffer {
  const buffer = openReplayBuffer(replayBytes);
  for (const [id, bytes] of all) buffer.markSent(eventOf(id, bytes));
  return buffer;
}

it("returns all messages without an id, and otherwise those after the id", () => {
  const buffer = filled(100, [3, 10], [5, 10], [9, 10]);
  expect(ids(buffer.after(undefined))).toEqual([3, 5, 9]);
  expect(ids(buffer.after(3))).toEqual([5, 9]);
  expect(ids(buffer.after(4))).toEqual([5, 9]);
  expect(ids(buffer.after(9))).toEqual([]);
});

it("returns nothing where nothing was sent", () => {
  expect(ids(openReplayBuffer(100).after(undefined))).toEqual([]);
  expect(ids(openReplayBuffer(100).after(0))).toEqual([]);
  expect(openReplayBuffer(100).after(1)).toBeUndefined();
});

it("removes the oldest messages beyond its size, never the last, and refuses ids before them", () => {
  const buffer = filled(20, [1, 10], [2, 10], [3, 10]);
  expect(buffer.after(undefined)).toBeUndefined();
  expect(ids(buffer.after(1))).toEqual([2, 3]);
  const large = filled(20, [1, 10], [2, 1_000]);
  expect(ids(large.after(1))).toEqual([2]);
});

it.each([
  ["an id that was never sent", 4],
  ["an id before an earlier one", 0],
  ["NaN", NaN],
  ["a negative id", -1],
])("refuses %s", (_description, id) => {
  const buffer = filled(100, [1, 10], [2, 10], [3, 10]);
  expect(ids(buffer.after(2))).toEqual([3]);
  expect(buffer.after(id)).toBeUndefined();
  expect(ids(buffer.after(2))).toEqual([3]);
});

it("keeps waiting messages in order until they are sent, and counts their bytes", () => {
  const buffer = filled(1_000, [1, 10]);
  buffer.queue(eventOf(2, 30));
  buffer.queue(eventOf(3, 7));
  expect([buffer.queuedBytes(), ids(buffer.after(1))]).toEqual([37, []]);
  expect(buffer.after(2)).toBeUndefined();
  expect(ids(buffer.takeQueued())).toEqual([2, 3]);
  expect([buffer.queuedBytes(), ids(buffer.takeQueued()), ids(buffer.after(1))]).toEqual([0, [], [2, 3]]);
});

it("returns exactly the messages that a client lacks, or refuses, for any sequence of interruptions", () => {
  const step = fc.oneof(
    fc.nat({ max: 40 }).map((bytes) => ({ bytes })),
    fc.nat({ max: 20 }).map((back) => ({ back })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const buffer = openReplayBuffer(200);
      const sent: StreamEvent[] = [];
      const [found, due]: (readonly StreamEvent[] | undefined)[][] = [[], []];
      let lastId = 0;
      for (const each of steps)
        if ("bytes" in each) {
          sent.push(eventOf(sent.length + 1, each.bytes + 1));
          buffer.markSent(sent.at(-1)!);
        } else {
          const id = Math.max(0, sent.length - each.back);
          const lacks = sent.slice(id);
          const isKept =
            lacks.slice(0, -1).length === 0 || lacks.reduce((sum, { framed }) => sum + framed.length, 0) <= 200;
          found!.push(buffer.after(id));
          due!.push(id >= lastId && isKept ? lacks : undefined);
          if (found!.at(-1)) lastId = id;
        }
      expect(found).toEqual(due);
    }),
  );
});
