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

/** The words of a page, without its markup. */
const words = (text: string): string =>
  text
    .replace(/<style>.*?<\/style>|<script>.*?<\/script>/gs, "")
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ");

const headings = (text: string): string[] =>
  [...text.matchAll(/<h2[^>]*>(.*?)<\/h2>/gs)].map(([, heading]) => heading!.trim());

describe("a page", () => {
  it("begins with the answer and has a section for each thing that was measured", () => {
    expect(headings(reportPage([sourceOf([rowOf("ws", { sent: 1_000 }), rowOf("tcp")])], []))).toEqual([
      "The answer",
      "Latency",
      "Bytes",
      "Throughput and CPU",
      "Memory of the server",
      "Verdicts",
      "Settings and place",
      "The rows",
    ]);
  });

  it("takes whatever a CSV says for text", () => {
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

  it("asks nothing of anybody: no address in it but names of its own parts and of SVG's language", () => {
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
  ])("says of %s that there is no answer, and why", (_, rows) => {
    const text = reportPage([sourceOf(rows)], []);
    expect(words(text)).toContain("No row here can be believed");
    expect(words(text)).toContain("the server died");
    expect(headings(text)).not.toContain("Latency");
  });

  it("shows an idle load by its bytes, without latencies", () => {
    const idle = ["ws", "tcp"].map((transport, i): Row => ({
      ...failedRow({ ...testKeys, transport, offered_per_s: 0, senders: 0 }, ""),
      status: "valid",
      idle_bytes_per_client_s: i,
    }));
    const text = reportPage([sourceOf(idle)], []);
    expect(words(text)).toContain("Bytes per client and second when nobody says anything");
    expect(headings(text)).not.toContain("Latency");
    expect(headings(text)).not.toContain("Throughput and CPU");
  });

  it("stays below a megabyte with 100 repeats, and shows the first 200 rows, saying so", () => {
    const rows = ["ws", "tcp", "long-poll"].flatMap((transport) => many(transport, 100));
    const text = reportPage([sourceOf(rows)], []);
    expect(text.length).toBeLessThan(2 ** 20);
    expect(words(text)).toContain("The first 200 of 300 rows");
    expect(text).not.toContain(rows[0]!.latency_histogram!);
  });

  it("draws the seconds of a transport where there are points, the first repeat's in a table", () => {
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
    expect(headings(text)).toContain("Second by second");
    expect(words(text)).toContain("1.23");
    expect(text.match(/class="plot small"/g)).toHaveLength(2);
  });

  it("draws latency over throughput where one transport had several rates", () => {
    const rows = [10, 20, 40].map((rate) => rowOf("ws", { offered_per_s: rate, deliveries_per_s: rate * 10 }));
    expect(headings(reportPage([sourceOf(rows)], []))).toContain("Latency by throughput");
  });

  it("tells the loads one by one up to six, and says what is left out", () => {
    const rows = Array.from({ length: 8 }, (_, i) => rowOf("ws", { offered_per_s: i + 1 }));
    const text = words(reportPage([sourceOf(rows)], []));
    expect(text).toContain("8 loads were measured. These are the 6 with the most transports");
  });

  it("keeps builds of one file apart", () => {
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

  it("keeps clients of one transport apart", () => {
    expect(
      words(reportPage([sourceOf([rowOf("ws", { client: "ws" }), rowOf("ws", { client: "native" })])], [])),
    ).toContain("ws (native)");
  });
});
