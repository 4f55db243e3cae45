import { expect, it } from "vitest";
import { faultWords } from "./fault-words.ts";

it.each([
  ["cut:50%@5s", 100, "cut of 50 clients"],
  ["cut:100%/15s@0s", 200, "cut of 200 clients, each once in 15 s"],
  ["gone:5s:50%@5s", 100, "5 s without a network for 50 clients"],
  ["half-open:60s:20%@5s", 100, "60 s in which nothing reaches 20 clients"],
  ["asleep:10s:1%@5s", 100, "10 s of sleep of 1 client"],
  ["restart@5s", 100, "restart of the servers"],
  ["restart-hard@0.5s", 100, "kill and restart of the servers"],
  ["cut:50%@5s", undefined, "cut of 50 % of the clients"],
  ["meteor:1%@5s", 100, "meteor:1%@5s"],
])("a fault in words: %s of %s clients", (fault, clients, words) => {
  expect(faultWords(fault, clients)).toBe(words);
});
