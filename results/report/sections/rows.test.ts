import { expect, it } from "vitest";
import { rowOf, sourceOf } from "../../testing/report-rows.ts";
import { rowsSection } from "./rows.ts";

const headingsOf = (markup: string): string[] =>
  [...markup.matchAll(/<th scope="col"[^>]*>(.*?)<\/th>/g)].map(([, heading]) => heading!);

const emptyIn = (markup: string): string[] =>
  /Columns that are empty in every row: (.*?)\.<\/p>/.exec(markup)![1]!.split(", ");

it("a column of empty texts is named as empty and not drawn, as the rules of older files", () => {
  const { markup } = rowsSection(sourceOf([rowOf("ws", { rules: "" }), rowOf("tcp", { rules: "" })]));
  expect(headingsOf(markup)).not.toContain("rules");
  expect(emptyIn(markup)).toContain("rules");
});

it("a column is drawn where one row has a value", () => {
  const { markup } = rowsSection(sourceOf([rowOf("ws", { rules: "" }), rowOf("tcp", { rules: "not-steady" })]));
  expect(headingsOf(markup)).toContain("rules");
  expect(emptyIn(markup)).not.toContain("rules");
});

it("a column of zeros is drawn", () => {
  const { markup } = rowsSection(sourceOf([rowOf("ws", { lost: 0 })]));
  expect(headingsOf(markup)).toContain("lost");
});
