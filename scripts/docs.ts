import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../results/model/environment.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";
import { replaceSection } from "./lib/docs/markers.ts";
import { sections } from "./lib/docs/sections.ts";

const command = commandNamed(
  "docs",
  "Writes the generated sections of the README files from the code and the reference runs.",
).option("--check", "write nothing: exit 2 if a file differs from the code");

await main(async () => {
  const { check } = command.parse().opts<{ check?: true }>();
  const stale: string[] = [];
  for (const [path, parts] of Object.entries(sections)) {
    const file = join(projectFolder, path);
    const before = readFileSync(file, "utf8");
    let after = before;
    for (const [name, print] of Object.entries(parts)) after = replaceSection(path, after, name, await print());
    if (after === before) continue;
    stale.push(path);
    if (!check) writeFileSync(file, after);
  }
  if (check && stale.length > 0) throw new UserError(`${stale.join(", ")} differ from the code: run npm run docs.`);
  return exitCodes.done;
});
