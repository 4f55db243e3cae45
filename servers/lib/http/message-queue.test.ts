import * as fc from "fast-check";
import { expect, it } from "vitest";
import { batchMessage, readBatch } from "../../protocols/batch.ts";
import { openMessageQueue, type QueuedBatch, type MessageQueue } from "./message-queue.ts";
import { formatCursor } from "../../protocols/cursor.ts";

type Message = readonly [payload: string, text: boolean];

function put(queue: MessageQueue, ...messages: readonly Message[]): void {
  for (const [payload, text] of messages) queue.put(batchMessage(Buffer.from(payload), text));
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

it("returns no batch where there is no message", () => {
  const queue = openMessageQueue();
  expect(queue.take()).toBeUndefined();
  put(queue, ["a", true]);
  queue.take();
  expect(queue.acknowledge(1)).toBe(true);
  expect(queue.take()).toBeUndefined();
});

it("returns unacknowledged messages again, and counts each as new only once", () => {
  const queue = openMessageQueue();
  put(queue, ["a", true], ["bc", true]);
  expect(queue.take()).toMatchObject({ newPayloads: 2, newPayloadBytes: 3 });
  put(queue, ["def", false]);
  const again = queue.take();
  expect(again).toMatchObject({ newPayloads: 1, newPayloadBytes: 3 });
  expect(contents(again).map(([payload]) => payload)).toEqual(["a", "bc", "def"]);
  expect(queue.take()).toMatchObject({ newPayloads: 0, newPayloadBytes: 0 });
  expect(queue.acknowledge(1)).toBe(true);
  expect(contents(queue.take()).map(([payload]) => payload)).toEqual(["bc", "def"]);
});

it.each([
  ["more than was returned", 3],
  ["less than was acknowledged before", 0],
  ["a negative number", -1],
  ["half a message", 1.5],
  ["NaN", NaN],
  ["infinity", Infinity],
])("refuses to acknowledge %s, and keeps its messages", (_description, count) => {
  const queue = openMessageQueue();
  put(queue, ["a", true], ["b", true]);
  queue.take();
  expect(queue.acknowledge(1)).toBe(true);
  put(queue, ["not returned yet", true]);
  expect(queue.acknowledge(count)).toBe(false);
  expect(queue.bytes()).toBe(
    queuedBytesOf([
      ["b", true],
      ["not returned yet", true],
    ]),
  );
  expect(contents(queue.take()).map(([payload]) => payload)).toEqual(["b", "not returned yet"]);
});

/** Bytes of messages in a queue: the payload and four bytes for each, so that empty ones count. */
function queuedBytesOf(messages: readonly Message[]): number {
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
      const queue = openMessageQueue();
      const all: Message[] = [];
      let [acknowledged, delivered, counted, countedBytes] = [0, 0, 0, 0];
      const found: unknown[] = [];
      const due: unknown[] = [];
      for (const each of steps) {
        if ("put" in each) {
          put(queue, each.put);
          all.push(each.put);
        } else if ("take" in each) {
          const delivery = queue.take();
          delivered = all.length;
          counted += delivery?.newPayloads ?? 0;
          countedBytes += delivery?.newPayloadBytes ?? 0;
          found.push(contents(delivery));
          due.push(all.slice(acknowledged));
        } else {
          const count = all.length - each.acknowledge;
          const possible = count >= acknowledged && count <= delivered;
          found.push(queue.acknowledge(count));
          due.push(possible);
          if (possible) acknowledged = count;
        }
        found.push(queue.bytes());
        due.push(queuedBytesOf(all.slice(acknowledged)));
      }
      expect(found).toEqual(due);
      expect([counted, countedBytes]).toEqual([delivered, bytesOf(all.slice(0, delivered))]);
    }),
  );
});

it("formats any number of messages in the same number of bytes", () => {
  expect([0, 7, 1_000_000].map(formatCursor)).toEqual(["0000000000", "0000000007", "0001000000"]);
});
