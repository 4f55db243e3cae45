import { expect, it } from "vitest";
import { UserError } from "../lib/errors.ts";
import { mostGoneClients, parseDrops } from "./drops.ts";

it("reads a policy as the share of clients that may go", () => {
  expect(["fail", "count", "5%", "0%", "12.5%", "100%"].map((text) => parseDrops("--drops", text))).toEqual([
    0, 1, 0.05, 0, 0.125, 1,
  ]);
});

it.each(["", "5", "101%", "-1%", "never", "constructor"])('rejects "%s" in one sentence', (text) => {
  expect(() => parseDrops("--drops", text)).toThrow(UserError);
  expect(() => parseDrops("drops", text)).toThrow(
    /^drops ".*" does not say what lost connections mean: write fail, count/,
  );
});

it("without a policy no client of our own server may go, and every client of a target", () => {
  expect([undefined, {}].map((target) => mostGoneClients({ clients: 40 }, target))).toEqual([0, 40]);
  expect(mostGoneClients({ clients: 40, dropsAllowed: 0 }, {})).toBe(0);
});

it("a share is rounded down to whole clients, and not by the error of a binary fraction", () => {
  expect(mostGoneClients({ clients: 50, dropsAllowed: 0.05 }, {})).toBe(2);
  expect(mostGoneClients({ clients: 100, dropsAllowed: parseDrops("", "29%") }, {})).toBe(29);
});
