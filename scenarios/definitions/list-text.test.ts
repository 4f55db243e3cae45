import { expect, it } from "vitest";
import { listText } from "./list-text.ts";
import { scenarios } from "../scenarios.ts";
import { transports } from "../transports.ts";

const text = listText(new Map([["webrtc", "it needs a package that is not installed: npm install x"]]));

it("names every scenario with its question and every transport with its title, once, in 80 columns", () => {
  const plain = text.replaceAll(/\n {6,}/g, " ");
  for (const [name, { question }] of Object.entries(scenarios))
    expect(plain.split("\n").filter((line) => line.trim().startsWith(`${name} `))).toEqual([
      expect.stringContaining(question),
    ]);
  for (const [name, { title }] of Object.entries(transports))
    expect(plain.split("\n").filter((line) => line.replace(/^[*-]/, "").trim().startsWith(`${name} `))).toEqual([
      expect.stringContaining(title),
    ]);
  expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

it("marks those that are measured by default, and says of one that cannot run here why not", () => {
  expect(text).toMatch(/^\* ws  /m);
  expect(text).toMatch(/^ {2}sse  /m);
  expect(text.replaceAll(/\n {6,}/g, " ")).toMatch(
    /^- webrtc .*\. Unavailable: it needs a package that is not installed: npm install x$/m,
  );
});

it("puts variants below what they vary", () => {
  const names = text.split("\n").map((line) => line.split(/ {2,}/)[line.startsWith("    ") ? 1 : 0]);
  expect(names.slice(names.indexOf("* short-poll"), names.indexOf("* long-poll"))).toEqual([
    "* short-poll",
    "short-poll-500ms",
    "short-poll-library",
    "short-poll-close",
  ]);
});
