import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { rowOf, sourceOf } from "../testing/report-rows.ts";
import { reportPage } from "./page.ts";

const cut: Row = {
  scenario: "cut",
  clients: 100,
  fault: "cut:50%@5s",
  reconnect: "1s..5s",
  heartbeat: "25s",
  affected: 50,
  noticed: 50,
  detect_p50_ms: 26.4,
  server_detect_p50_ms: 30,
  back_p50_ms: 1_650,
  back_p99_ms: 2_070,
  gave_up: 0,
  live_p50_ms: 1_758,
  live_p99_ms: 2_092,
  caught_up_p50_ms: 40,
  missed: 1_556,
  missed_percent: 97.2,
  replayed: 5,
  storm_per_s: 120,
  bystanders_p99_us: 5_600,
  server_cpu_peak_percent: 11,
};
const { back_p50_ms: _p50, back_p99_ms: _p99, ...notBack } = cut;
const rows = [
  rowOf("ws", cut),
  rowOf("socket.io", { ...cut, reconnect: "library", back_p50_ms: 3_000, missed: 1_800, missed_percent: 99.9 }),
  rowOf("long-poll", { ...notBack, noticed: 0, missed: 0, missed_percent: 0, live_p50_ms: 52 }),
];

/** The section of a page without its drawings, as text, and its markup. */
function sectionOf(all: readonly Row[]): { words: string; markup: string } {
  const page = reportPage([sourceOf([...all])], []);
  const from = page.indexOf('<section id="faults"');
  const markup = from < 0 ? "" : page.slice(from, page.indexOf("</section>", from));
  const words = markup.replaceAll(/<svg.*?<\/svg>/gs, "").replaceAll(/<[^>]+>/g, " ");
  return { markup, words: words.replaceAll(/\s+/g, " ").replaceAll(" :", ":") };
}

describe("the section Faults", () => {
  it("begins with what was missed, and who was back first", () => {
    expect(sectionOf(rows).words).toMatch(
      /^ Faults Cut of 50 clients: long-poll missed nothing; ws missed 97 %, socket\.io more than 99 % of what was said meanwhile\. First back was ws after 1\.7 s \(median\), last socket\.io after 3\.0 s\./,
    );
  });

  it("says of each transport when its clients were back, in one group although their libraries reconnect differently", () => {
    const { words } = sectionOf(rows);
    expect(words).toContain(
      "ws All were back after 1.7 s (median) and missed 97 % of what was said meanwhile (1,556 deliveries).",
    );
    expect(words).toContain(
      "long-poll No client noticed, and they missed nothing. The first fresh message came after 0.05 s (median).",
    );
  });

  it("names clients that were never back, and how many noticed", () => {
    const { words } = sectionOf([rowOf("ws", { ...cut, noticed: 40, gave_up: 3 })]);
    expect(words).toContain("Never back: 3 clients of ws.");
    expect(words).toContain("40 of 50 clients noticed: 3 were never back, the others were back after 1.7 s (median)");
  });

  it("says in how many repeats something was missed where it was not in all", () => {
    const repeats = [0, 5, 0, 0].map((missed, i) =>
      rowOf("ws", { ...cut, repeat: i + 1, missed, missed_percent: missed }),
    );
    const { words } = sectionOf(repeats);
    expect(words).toContain("missed something in 1 of 4 repeats (median 0 %, 0 deliveries)");
  });

  it("tells the same transport with another heartbeat or history by its label", () => {
    const { words } = sectionOf([
      rowOf("ws", cut),
      rowOf("ws", { ...cut, heartbeat: "2s" }),
      rowOf("ws", { ...cut, history: "500 messages a room", missed: 0 }),
    ]);
    for (const label of ["ws (heartbeat 25s, no history)", "ws (heartbeat 2s, no history)"])
      expect(words).toContain(label);
    expect(words).toContain("ws (heartbeat 25s, history 500) missed nothing");
  });

  it("has a table with a row and a heading for each transport, a group for each fault, and bars", () => {
    const { markup } = sectionOf([...rows, rowOf("ws", { ...cut, fault: "gone:5s:50%@5s" })]);
    const tables = [...markup.matchAll(/<table>.*?<\/table>/gs)].filter(([table]) => table.includes("What the fault"));
    expect(tables.map(([table]) => table.match(/<th scope="row"/g)?.length)).toEqual([3, 1]);
    expect(tables[0]![0].match(/<th scope="col"/g)).toHaveLength(12);
    expect(markup).toContain("cut · fault gone:5s:50%@5s");
    expect(markup.match(/<table class="bars">/g)).toHaveLength(6);
  });

  it("is left out where no row has a fault, and has no load without one", () => {
    expect(sectionOf([rowOf("ws"), rowOf("tcp")]).words).toBe("");
    expect(sectionOf([rowOf("tcp"), ...rows]).words).not.toContain("tcp");
  });
});
