import { readdirSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allProperties, parserFolders } from "./all-properties.ts";

/** The sources, seen from this file in `dist/`. */
const sources = new URL("../../../../", import.meta.url);

it("finds every *.properties.ts file", () => {
  const files = parserFolders.flatMap((folder) =>
    readdirSync(new URL(folder, sources), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".properties.ts"))
      .map((file) => `${folder}/${file}`),
  );
  expect(files.length).toBeGreaterThan(0);
  expect(allProperties.map(({ parser }) => `${parser}.properties.ts`)).toEqual(files.toSorted());
});

describe.each(allProperties)("$parser", ({ properties }) => {
  it.each(Object.entries(properties))("%s", { timeout: 30_000 }, async (_sentence, property) => {
    const details = await fc.check(property, { numRuns: 100 });
    expect(details.failed ? fc.defaultReportMessage(details) : "").toBe("");
  });
});
