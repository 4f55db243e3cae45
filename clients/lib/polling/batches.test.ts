import * as fc from "fast-check";
import { it } from "vitest";
import { batchProperties } from "./batches.properties.ts";

for (const [says, property] of Object.entries(batchProperties))
  it(says, () => fc.assert<unknown>(property, { numRuns: 200 }));
