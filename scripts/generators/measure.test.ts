import { expect, it } from "vitest";
import { readOwn } from "./parse-output.ts";
import { checkExit } from "./measure.ts";

const exit = (roundTrips: number, errors = 0) => ({ code: 0, out: JSON.stringify({ roundTrips, errors }), err: "" });
const generator = { readOutput: readOwn };

it("accepts a generator whose count is within a tenth of the server's", () => {
  expect(() => checkExit(exit(1_000), generator, 1_000)).not.toThrow();
  expect(() => checkExit(exit(950), generator, 1_000)).not.toThrow();
  expect(() => checkExit(exit(890), generator, 1_000)).toThrow("it counted 890 round trips");
});

it.each([
  ["errors", exit(1_000, 3), /^it reported 3 errors among 1000 round trips$/],
  ["a count that is not the server's", exit(500), /^it counted 500 round trips, but the server counted 1000$/],
  ["a count where the server has none", exit(1_000), /but the server counted NaN$/, NaN],
  ["a failed exit", { code: 2, out: "", err: "no such option" }, /^it ended with code 2: no such option$/],
])("rejects a generator with %s", (_case, end, sentence, serverCount = 1_000) => {
  expect(() => checkExit(end, generator, serverCount)).toThrow(sentence);
});
