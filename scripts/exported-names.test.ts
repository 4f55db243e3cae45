import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "../results/model/environment.ts";

/** Names that several files export, each with the reason why a reader cannot confuse them. */
const reasons: Record<string, string> = {
  properties:
    "every *.properties.ts exports its properties under this name, since the fuzz run finds the files by their names",
  program: "a client half whose clients are in another program exports it under this name, as the contract says",
};

const declaration = /^export (?:async )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files by the names that they declare and export. */
function exportedNames(): Map<string, string[]> {
  const files = ["servers", "clients", "scenarios", "results", "scripts"].flatMap((top) =>
    sourceFiles(join(projectFolder, top)),
  );
  const declared = new Map<string, string[]>();
  for (const file of files)
    for (const [, name] of readFileSync(file, "utf8").matchAll(declaration))
      declared.set(name!, [...(declared.get(name!) ?? []), relative(projectFolder, file)]);
  return declared;
}

it("an exported name is declared in one file only, or has a reason", () => {
  const declared = exportedNames();
  expect(declared.size).toBeGreaterThan(500);
  const several = [...declared].filter(([name, files]) => files.length > 1 && !Object.hasOwn(reasons, name));
  expect(Object.fromEntries(several)).toEqual({});
  for (const name of Object.keys(reasons)) expect(declared.get(name)!.length).toBeGreaterThan(1);
});
