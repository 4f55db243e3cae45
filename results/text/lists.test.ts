import { expect, it } from "vitest";
import { countOf, groupBy, joinWords } from "./lists.ts";

it("words are joined as in a sentence", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(joinWords)).toEqual(["", "a", "a and b", "a, b and c"]);
});

it("a noun follows its number", () => {
  expect([undefined, 0, 1, 2, 1_000].map((number) => countOf(number, "repeat"))).toEqual([
    "- repeats",
    "0 repeats",
    "1 repeat",
    "2 repeats",
    "1,000 repeats",
  ]);
});

it("items are grouped by key, in the order in which the keys appear, without those that have no key", () => {
  const keyOf = (word: string) => (word === "" ? undefined : word[0]);
  expect(groupBy(["tea", "", "ant", "tin"], keyOf)).toEqual([
    ["t", ["tea", "tin"]],
    ["a", ["ant"]],
  ]);
});
