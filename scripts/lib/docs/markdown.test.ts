import { expect, it } from "vitest";
import { bulletList, codeBlock, markdownTable, paragraph } from "./markdown.ts";

it("breaks a paragraph between words at 120 columns", () => {
  const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
  const lines = paragraph(words.join(" ")).split("\n");
  expect(lines.join(" ").split(" ")).toEqual(words);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  expect(lines.length).toBeGreaterThan(2);
});

it("begins no line with the mark of a list or a heading", () => {
  const text = `${"a".repeat(118)} - b ${"c".repeat(110)} # d ${"e".repeat(115)} 1. f`;
  expect(paragraph(text).split("\n")).toHaveLength(3);
  expect(paragraph(text)).not.toMatch(/^(-|#|\d+\.) /m);
});

it("indents the later lines of an item, and the items below it", () => {
  const long = "word ".repeat(30).trim();
  expect(bulletList(["short", { text: long, items: [long] }])).toBe(
    [
      "- short",
      `- ${"word ".repeat(23).trim()}`,
      `  ${"word ".repeat(7).trim()}`,
      `  - ${"word ".repeat(23).trim()}`,
      `    ${"word ".repeat(7).trim()}`,
    ].join("\n"),
  );
});

it("pads a table and escapes the bars in its cells", () => {
  expect(markdownTable(["a", "name"], [["x|y", "z"]])).toBe("| a    | name |\n| ---- | ---- |\n| x\\|y | z    |");
});

it("leaves no spaces at the ends of lines of code", () => {
  expect(codeBlock("a  \n  b ")).toBe("```\na\n  b\n```");
});
