import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { projectFolder } from "../results/model/environment.ts";

/** A project with the lint rules of this one and nothing else. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lint-"));
  const { rules, overrides } = JSON.parse(readFileSync(join(projectFolder, ".oxlintrc.json"), "utf8"));
  const config = { plugins: ["import"], categories: { correctness: "off" }, rules, overrides };
  writeFileSync(join(folder, ".oxlintrc.json"), JSON.stringify(config));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Output of the lint for files with these texts. */
function lint(files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const program = join(projectFolder, "node_modules", "oxlint", "bin", "oxlint");
  try {
    return execFileSync(process.execPath, [program, ...Object.keys(files)], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

const importOf = (path: string): string => `import { thing } from "${path}";\nexport const other = thing;\n`;

it.each([
  ["scenarios/lib/a.ts", "../system/ipc.ts"],
  ["scenarios/contract.ts", "./system/ipc.ts"],
  ["servers/protocols/a.ts", "../lib/hosting/host.ts"],
  ["servers/lib/hosting/a.ts", "../../../clients/lib/net/dial.ts"],
  ["servers/a.ts", "../scenarios/transports.ts"],
  ["servers/a.ts", "./lib/testing/raw-client.ts"],
  ["clients/lib/net/a.ts", "../../../servers/lib/http/http2.ts"],
  ["clients/a.ts", "../results/model/columns.ts"],
  ["results/statistics/a.ts", "../model/columns.ts"],
  ["results/model/a.ts", "../rows/row.ts"],
  ["results/rows/a.ts", "../text/text-table.ts"],
  ["results/compare/a.ts", "../report/page.ts"],
  ["results/compare/a.ts", "../../scenarios/definitions/settings.ts"],
  ["results/report/text/a.ts", "../sections/bytes.ts"],
  ["results/report/sections/a.ts", "../page.ts"],
  ["results/report/a.ts", "../../clients/ws.ts"],
  ["scenarios/system/a.ts", "../definitions/settings.ts"],
  ["scenarios/definitions/a.ts", "../workload/schedule.ts"],
  ["scenarios/workload/a.ts", "../load/sender.ts"],
  ["scenarios/load/a.ts", "../runner/run-trial.ts"],
  ["scenarios/load/a.ts", "../../servers/ws.ts"],
  ["scenarios/runner/a.ts", "../search/search.ts"],
  ["scenarios/search/a.ts", "../runner/run-trial.ts"],
  ["scenarios/runner/a.ts", "../../scripts/lib/cli.ts"],
  ["scripts/a.ts", "../results/testing/runs.ts"],
])("lint refuses %s that imports %s", (file, path) => {
  expect(lint({ [file]: importOf(path) })).toMatch(/no-restricted-imports/);
});

it("lint accepts imports that point down", () => {
  const files = {
    "servers/protocols/b.ts": importOf("../../scenarios/lib/errors.ts"),
    "servers/lib/http/b.ts": importOf("../../protocols/sse.ts"),
    "clients/lib/net/b.ts": importOf("../../../servers/protocols/sse.ts"),
    "results/compare/b.ts": importOf("../rows/row.ts"),
    "scenarios/runner/b.ts": importOf("../load/sender.ts"),
    "scenarios/transports/b.ts": importOf("../../servers/ws.ts"),
    "scripts/b.ts": importOf("../scenarios/runner/run-trial.ts"),
    "servers/lib/http/b.test.ts": importOf("../testing/raw-client.ts"),
  };
  expect(lint(files)).toMatch(/Found 0 warnings and 0 errors/);
});

it("lint refuses a circle of imports", () => {
  const circle = { "scripts/one.ts": 'export * from "./two.ts";\n', "scripts/two.ts": 'export * from "./one.ts";\n' };
  expect(lint(circle)).toMatch(/no-cycle/);
});
