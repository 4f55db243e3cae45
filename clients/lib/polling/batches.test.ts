import * as fc from "fast-check";
import { it } from "vitest";
import { properties } from "./batches.properties.ts";

for (const [says, property] of Object.entries(properties))
  it(says, () => fc.assert<unknown>(property, { numRuns: 200 }));
