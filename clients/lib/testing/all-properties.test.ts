import { readdirSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allProperties } from "./all-properties.ts";

/** The sources, seen from this file in `dist/`. */
const sources = new URL("../../../../clients/", import.meta.url);

it("finds every *.properties.ts file below clients/", () => {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".properties.ts"),
  );
  expect(files.length).toBeGreaterThan(0);
  expect(allProperties.map(({ parser }) => `${parser}.properties.ts`)).toEqual(files.toSorted());
});

describe.each(allProperties)("$parser", ({ properties }) => {
  it.each(Object.entries(properties))("%s", { timeout: 30_000 }, async (_sentence, property) => {
    const details = await fc.check(property, { numRuns: 200 });
    expect(details.failed ? fc.defaultReportMessage(details) : "").toBe("");
  });
});
