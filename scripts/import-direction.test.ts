import { spawnSync } from "node:child_process";
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

/** Exit code of the lint for files with these texts, and one line per problem. */
function lint(files: Record<string, string>): { status: number | null; output: string } {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const program = join(projectFolder, "node_modules", "oxlint", "bin", "oxlint");
  const args = [program, "--format", "unix", ...Object.keys(files)];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  return { status, output: stdout };
}

const importOf = (path: string): string => `import { thing } from "${path}";\nexport const other = thing;\n`;

/** Imports that point up: the folder of the file, and the path that it imports. */
const forbidden: [folder: string, path: string][] = [
  ["scenarios/lib", "../system/ipc.ts"],
  ["servers/protocols", "../lib/hosting/host.ts"],
  ["servers/lib/hosting", "../../../clients/lib/net/dial.ts"],
  ["servers", "../scenarios/transports.ts"],
  ["servers", "./lib/testing/raw-client.ts"],
  ["clients/lib/net", "../../../servers/lib/http/http2.ts"],
  ["clients", "../results/model/columns.ts"],
  ["results/statistics", "../model/columns.ts"],
  ["results/model", "../rows/row.ts"],
  ["results/rows", "../text/text-table.ts"],
  ["results/compare", "../report/page.ts"],
  ["results/compare", "../../scenarios/definitions/settings.ts"],
  ["results/report/text", "../sections/overhead.ts"],
  ["results/report/sections", "../page.ts"],
  ["results/report", "../../clients/ws.ts"],
  ["results/report/markup", "../../../scenarios/definitions/settings.ts"],
  ["results/report/text", "../../../scenarios/runner/run-trial.ts"],
  ["results/report/sections", "../../../scenarios/transports.ts"],
  ["scenarios/system", "../definitions/settings.ts"],
  ["scenarios/definitions", "../workload/schedule.ts"],
  ["scenarios/workload", "../load/sender.ts"],
  ["scenarios/load", "../runner/run-trial.ts"],
  ["scenarios/load", "../../servers/ws.ts"],
  ["scenarios/runner", "../search/search.ts"],
  ["scenarios/search", "../runner/run-trial.ts"],
  ["scenarios/runner", "../../scripts/lib/cli.ts"],
  ["scripts", "../results/testing/runs.ts"],
];

it("lint refuses every import that points up", () => {
  const files = forbidden.map(([from, path], i) => [`${from}/forbidden-${i}.ts`, importOf(path)] as const);
  const { output } = lint({ ...Object.fromEntries(files), "scenarios/contract.ts": importOf("./system/ipc.ts") });
  const accepted = [...files.map(([file]) => file), "scenarios/contract.ts"].filter(
    (file) => !output.includes(`${file}:`),
  );
  expect(accepted).toEqual([]);
  expect(output.match(/no-restricted-imports/g)).toHaveLength(forbidden.length + 1);
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
  expect(lint(files)).toEqual({ status: 0, output: "" });
});

it("lint refuses a circle of imports", () => {
  const circle = { "scripts/one.ts": 'export * from "./two.ts";\n', "scripts/two.ts": 'export * from "./one.ts";\n' };
  expect(lint(circle).output).toMatch(/no-cycle/);
});
