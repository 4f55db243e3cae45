import * as fc from "fast-check";
import { it } from "vitest";
import { allProperties } from "./all-properties.ts";

it.each(Object.entries(allProperties))("%s", { timeout: 30_000 }, async (_says, property) => {
  await fc.assert(property, { numRuns: 200 });
});
