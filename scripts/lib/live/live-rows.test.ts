import { expect, it } from "vitest";
import { rowOf } from "../../../results/testing/report-rows.ts";
import { liveRows } from "./live-rows.ts";

const labelled = (label: string, changes = {}) => ({ label, row: rowOf("ws", changes) });

it("has each row with its status, the latest first, and why it is not valid", () => {
  const suspect = { status: "suspect", reasons: "The machine was busy: close other programs." };
  const { markup } = liveRows([labelled("ws #1"), labelled("ws #2", suspect), labelled("ws #3")]);
  expect([...markup.matchAll(/<th scope="row"[^>]*>([^<]*)</g)].map(([, name]) => name)).toEqual([
    "ws #3",
    "ws #2",
    "ws #1",
  ]);
  expect(markup.match(/class="status valid"/g)).toHaveLength(2);
  expect(markup).toContain("<dd>The machine was busy: close other programs.</dd>");
});

it("escapes names and reasons", () => {
  const failed = { status: "failed", error: "<script>alert(1)</script>" };
  const { markup } = liveRows([labelled("<img src=x onerror=alert(1)>", failed)]);
  expect(markup).not.toMatch(/<(img|script)/);
  expect(markup).toContain("&lt;script&gt;");
});

it("has other columns where no messages are sent, and says how many rows are only in the file", () => {
  expect(liveRows([labelled("ws", { offered_per_s: 0, idle_bytes_per_client_s: 1.5 })]).markup).toContain("1.50");
  expect(liveRows(Array.from({ length: 203 }, () => labelled("ws"))).markup).toContain("The file has 203 rows.");
});
