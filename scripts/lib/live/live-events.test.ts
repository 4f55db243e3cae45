import { expect, it } from "vitest";
import { openEventLog, type LiveEvent } from "./live-events.ts";

const rates = (second: number): LiveEvent => ({ kind: "rates", trial: 1, second, delivered: 10 });
const trial = (number: number): LiveEvent => ({ kind: "trial", number, label: `ws #${number}`, transport: "ws" });
const rows = (html: string): LiveEvent => ({ kind: "rows", html });

const eventsIn = (frames: string): LiveEvent[] =>
  [...frames.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!));

it("a page that comes late is told everything, and of rows only the latest", () => {
  const log = openEventLog("now");
  for (const event of [trial(1), rates(1), rows("one"), trial(2), rates(2), rows("two")]) log.add(event);
  expect(eventsIn(log.since(undefined))).toEqual([trial(1), rates(1), trial(2), rates(2), rows("two")]);
});

it("a page that comes back is told what it missed, in one frame with an id for each", () => {
  const log = openEventLog("now");
  for (const second of [1, 2, 3]) log.add(rates(second));
  expect(log.since("now/2")).toBe(log.since("now/0").split("\n\n").slice(2).join("\n\n"));
  expect(log.since("now/2")).toBe(`id: now/3\ndata: ${JSON.stringify(rates(3))}\n\n`);
  expect(log.since("now/3")).toBe("");
});

it("a page of another run, or with an id that is none, is told everything", () => {
  const log = openEventLog("now");
  log.add(rates(1));
  for (const id of ["earlier/7", "now/x", "", "7"]) expect(eventsIn(log.since(id))).toEqual([rates(1)]);
});

it("the oldest points are dropped where there are many, and no trial", () => {
  const log = openEventLog("now", 1_000);
  log.add(trial(1));
  for (let second = 1; second <= 100; second++) log.add(rates(second));
  const kept = eventsIn(log.since(undefined));
  expect(kept[0]).toEqual(trial(1));
  expect(kept.at(-1)).toEqual(rates(100));
  expect(kept.length).toBeLessThan(20);
  expect(kept.length).toBeGreaterThan(5);
});

it("a text with line breaks stays in one frame", () => {
  const log = openEventLog("now");
  expect(eventsIn(log.add(rows("a\n\nb\r\nid: 7")))).toEqual([rows("a\n\nb\r\nid: 7")]);
});
