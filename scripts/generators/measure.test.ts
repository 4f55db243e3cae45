import { expect, it } from "vitest";
import { readOwn } from "./parse-output.ts";
import { checkExit } from "./measure.ts";

const said = (roundTrips: number, errors = 0) => ({ code: 0, out: JSON.stringify({ roundTrips, errors }), err: "" });
const generator = { read: readOwn };

it("believes a generator whose count is the server's, but for what was on its way at the end", () => {
  expect(() => checkExit(said(1_000), generator, 1_000)).not.toThrow();
  expect(() => checkExit(said(950), generator, 1_000)).not.toThrow();
});

it.each([
  ["errors", said(1_000, 3), /^it counts 3 errors among 1000 round trips$/],
  ["a count that is not the server's", said(500), /^it counts 500 round trips, but the server 1000$/],
  ["a count where the server has none", said(1_000), /but the server NaN$/, NaN],
  ["a bad end", { code: 2, out: "", err: "no such option" }, /^it ended with code 2: no such option$/],
])("leaves a generator out that has %s", (_what, end, sentence, counted = 1_000) => {
  expect(() => checkExit(end, generator, counted)).toThrow(sentence);
});
