import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { testKeys } from "../testing/measurement.ts";
import { failedRow } from "../rows/row.ts";
import type { TimelinePoint } from "../model/timeline.ts";
import { reportPage } from "./page.ts";
import { repeatedRows, rowOf, sourceOf } from "../testing/report-rows.ts";

const many = (transport: string, repeats: number): Row[] =>
  repeatedRows(transport, {
    latency_p50_us: Array.from({ length: repeats }, (_, i) => 1_000 + i),
    sent: Array.from({ length: repeats }, () => 1_000),
  });

/** Text of a page without its markup. */
const words = (text: string): string =>
  text
    .replace(/<style>.*?<\/style>|<script>.*?<\/script>/gs, "")
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ");

const headings = (text: string): string[] =>
  [...text.matchAll(/<h2[^>]*>(.*?)<\/h2>/gs)].map(([, heading]) => heading!.trim());

describe("a page", () => {
  it("starts with the overview and has a section for each subject that was measured", () => {
    expect(headings(reportPage([sourceOf([rowOf("ws", { sent: 1_000 }), rowOf("tcp")])], []))).toEqual([
      "Overview",
      "Latency",
      "Throughput",
      "Header overhead",
      "CPU and memory",
      "Validity",
      "Settings",
      "Rows",
    ]);
  });

  it("escapes every text of a CSV", () => {
    const evil = `</title></style></script><script>alert(1)</script><img src=x onerror="alert(1)">`;
    const source = sourceOf([
      rowOf(evil, { sent: 1_000, scenario: evil, reasons: evil, build: evil, client: evil }),
      rowOf("tcp", { scenario: evil }),
    ]);
    const text = reportPage(
      [{ ...source, name: evil, warnings: [{ id: "older", path: "run.csv", detail: evil }] }],
      [evil],
    );
    expect(text).not.toContain("<img");
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
  });

  it("loads nothing: its only addresses are those of its own sections and the namespace of SVG", () => {
    const text = reportPage([sourceOf([rowOf("ws", { sent: 1_000 })])], []);
    expect(text).not.toMatch(/\b(src|href|action|poster|data)="(?!#)/);
    expect(text).not.toMatch(/url\((?!#)|@import/);
    expect(text.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:/);
    expect(text).toContain("default-src &#39;none&#39;");
  });

  it.each<[string, Row[]]>([
    [
      "failed rows only",
      [failedRow(testKeys, "the server died"), failedRow({ ...testKeys, transport: "tcp" }, "so did it")],
    ],
    ["invalid rows only", [rowOf("ws", { status: "invalid", reasons: "the server died" })]],
  ])("with %s has no result, and gives the reasons", (_, rows) => {
    const text = reportPage([sourceOf(rows)], []);
    expect(words(text)).toContain("No row is valid or suspect");
    expect(words(text)).toContain("the server died");
    expect(headings(text)).not.toContain("Latency");
  });

  it("shows the idle traffic of an idle load, and no latency", () => {
    const idle = ["ws", "tcp"].map((transport, i): Row => ({
      ...failedRow({ ...testKeys, transport, offered_per_s: 0, senders: 0 }, ""),
      status: "valid",
      idle_bytes_per_client_s: i,
    }));
    const text = reportPage([sourceOf(idle)], []);
    expect(words(text)).toContain("Idle traffic: bytes per client and second without messages");
    expect(headings(text)).not.toContain("Latency");
    expect(headings(text)).not.toContain("CPU and memory");
  });

  it("stays below a megabyte with 300 rows, and says that it shows the first 200", () => {
    const rows = ["ws", "tcp", "long-poll"].flatMap((transport) => many(transport, 100));
    const text = reportPage([sourceOf(rows)], []);
    expect(text.length).toBeLessThan(2 ** 20);
    expect(words(text)).toContain("The first 200 of 300 rows");
    expect(text).not.toContain(rows[0]!.latency_histogram!);
  });

  it("draws a timeline where there are points, with the first repeat in a table", () => {
    const row = rowOf("ws");
    const points = [0, 1, 2].map((second): TimelinePoint => ({
      run_id: row.run_id!,
      started_at: row.started_at!,
      transport: "ws",
      second,
      messages: 5,
      fanout_p50_us: 1_234,
      server_cpu_percent: 7.5,
    }));
    const text = reportPage([sourceOf([row], { points })], []);
    expect(headings(text)).toContain("Timeline");
    expect(words(text)).toContain("1.23");
    expect(text.match(/class="plot small"/g)).toHaveLength(2);
  });

  it("draws latency by throughput where a transport was measured at several rates", () => {
    const rows = [10, 20, 40].map((rate) => rowOf("ws", { offered_per_s: rate, deliveries_per_s: rate * 10 }));
    expect(words(reportPage([sourceOf(rows)], []))).toContain("Latency by throughput, run.csv: chat-100");
    expect(words(reportPage([sourceOf(rows.slice(1))], []))).toContain("increasing rate");
    expect(words(reportPage([sourceOf(rows.slice(2))], []))).not.toContain("Latency by throughput");
  });

  it("has figures of six loads, and says that there are more", () => {
    const rows = Array.from({ length: 8 }, (_, i) => rowOf("ws", { offered_per_s: i + 1 }));
    const text = words(reportPage([sourceOf(rows)], []));
    expect(text).toContain("8 loads were measured. This page shows the 6 loads with the most transports.");
  });

  it("separates the builds in one file", () => {
    const text = words(
      reportPage(
        [sourceOf([rowOf("ws", { build: "old" }), rowOf("ws", { build: "new" })])],
        ["No trials can be compared."],
      ),
    );
    expect(text).toContain("build old");
    expect(text).toContain("build new");
    expect(text).toContain("No trials can be compared.");
  });

  it("separates the clients of one transport", () => {
    expect(
      words(reportPage([sourceOf([rowOf("ws", { client: "ws" }), rowOf("ws", { client: "native" })])], [])),
    ).toContain("ws (native)");
  });
});
