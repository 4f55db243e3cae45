import * as fc from "fast-check";
import { expect, it } from "vitest";
import { batchMessage, readBatch } from "../../protocols/batch.ts";
import { openMessageQueue, type QueuedBatch, type MessageQueue } from "./message-queue.ts";
import { formatCursor } from "../../protocols/cursor.ts";

type Message = readonly [payload: string, text: boolean];

function put(box: MessageQueue, ...messages: readonly Message[]): void {
  for (const [payload, text] of messages) box.put(batchMessage(Buffer.from(payload), text));
}

function contents(delivery: QueuedBatch | undefined): Message[] {
  const messages: Message[] = [];
  if (delivery)
    readBatch(delivery.type, Buffer.from(delivery.body as string), (payload, text) => {
      messages.push([payload.toString(), text]);
    });
  return messages;
}

const bytesOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, [payload]) => sum + Buffer.byteLength(payload), 0);

it("hands out nothing where there is nothing", () => {
  const box = openMessageQueue();
  expect(box.take()).toBeUndefined();
  put(box, ["a", true]);
  box.take();
  expect(box.acknowledge(1)).toBe(true);
  expect(box.take()).toBeUndefined();
});

it("hands out again what is not acknowledged, and counts it as new only once", () => {
  const box = openMessageQueue();
  put(box, ["a", true], ["bc", true]);
  expect(box.take()).toMatchObject({ newPayloads: 2, newPayloadBytes: 3 });
  put(box, ["def", false]);
  const again = box.take();
  expect(again).toMatchObject({ newPayloads: 1, newPayloadBytes: 3 });
  expect(contents(again).map(([payload]) => payload)).toEqual(["a", "bc", "def"]);
  expect(box.take()).toMatchObject({ newPayloads: 0, newPayloadBytes: 0 });
  expect(box.acknowledge(1)).toBe(true);
  expect(contents(box.take()).map(([payload]) => payload)).toEqual(["bc", "def"]);
});

it.each([
  ["more than was handed out", 3],
  ["less than was acknowledged before", 0],
  ["less than nothing", -1],
  ["half a message", 1.5],
  ["no number", NaN],
  ["everything for ever", Infinity],
])("refuses to have %s acknowledged, and keeps what it has", (_what, count) => {
  const box = openMessageQueue();
  put(box, ["a", true], ["b", true]);
  box.take();
  expect(box.acknowledge(1)).toBe(true);
  put(box, ["not handed out", true]);
  expect(box.acknowledge(count)).toBe(false);
  expect(box.bytes()).toBe(
    heldBytesOf([
      ["b", true],
      ["not handed out", true],
    ]),
  );
  expect(contents(box.take()).map(([payload]) => payload)).toEqual(["b", "not handed out"]);
});

/** What is held of a message: its payload and four bytes, so that empty ones count. */
function heldBytesOf(messages: readonly Message[]): number {
  return bytesOf(messages) + 4 * messages.length;
}

const message = fc.tuple(fc.string({ unit: "grapheme" }), fc.boolean());
const step = fc.oneof(
  message.map((each) => ({ put: each })),
  fc.constant({ take: true as const }),
  fc.nat({ max: 12 }).map((back) => ({ acknowledge: back })),
);

it("loses nothing, doubles nothing and knows its bytes, whatever is put, taken and acknowledged in any order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const box = openMessageQueue();
      const all: Message[] = [];
      let [acknowledged, taken, counted, countedBytes] = [0, 0, 0, 0];
      const found: unknown[] = [];
      const due: unknown[] = [];
      for (const each of steps) {
        if ("put" in each) {
          put(box, each.put);
          all.push(each.put);
        } else if ("take" in each) {
          const delivery = box.take();
          taken = all.length;
          counted += delivery?.newPayloads ?? 0;
          countedBytes += delivery?.newPayloadBytes ?? 0;
          found.push(contents(delivery));
          due.push(all.slice(acknowledged));
        } else {
          const count = all.length - each.acknowledge;
          const possible = count >= acknowledged && count <= taken;
          found.push(box.acknowledge(count));
          due.push(possible);
          if (possible) acknowledged = count;
        }
        found.push(box.bytes());
        due.push(heldBytesOf(all.slice(acknowledged)));
      }
      expect(found).toEqual(due);
      expect([counted, countedBytes]).toEqual([taken, bytesOf(all.slice(0, taken))]);
    }),
  );
});

it("names any number of messages in the same number of bytes", () => {
  expect([0, 7, 1_000_000].map(formatCursor)).toEqual(["0000000000", "0000000007", "0001000000"]);
});
