import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { toolVersion } from "./tool-version.ts";

const never = new AbortController().signal;
const tool = { name: "tool", versionPattern: /^tool (4\.\d+\.\d+)/ };
const printing = (text: string): string[] => [
  process.execPath,
  "-e",
  `console.error(${JSON.stringify(text)}); process.exit(1)`,
];

it("finds the version on either output stream and with any exit code", async () => {
  expect(await toolVersion({ ...tool, versionCommand: printing("tool 4.1.0\nUsage: tool") }, never)).toEqual({
    version: "4.1.0",
  });
});

it("reports a tool as missing where there is no such program", async () => {
  expect(await toolVersion({ ...tool, versionCommand: ["no-such-tool-anywhere", "-v"] }, never)).toEqual({
    missing: true,
  });
});

it("reports an unknown version in one sentence", async () => {
  expect(await toolVersion({ ...tool, versionCommand: printing("tool 5.0.0\nmore") }, never)).toEqual({
    problem: expect.stringMatching(/^tool is left out: ".*" printed "tool 5\.0\.0", which is not a version/),
  });
});

it("runs the same version command once, also for tools of different names", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tool-version-"));
  const log = join(folder, "runs.log");
  const script = `require("fs").appendFileSync(${JSON.stringify(log)}, "run\\n"); console.log("tool 4.1.0")`;
  const versionCommand = [process.execPath, "-e", script];
  for (const name of ["tool", "tool", "other"])
    expect(await toolVersion({ ...tool, name, versionCommand }, never)).toEqual({ version: "4.1.0" });
  expect(readFileSync(log, "utf8")).toBe("run\n");
  rmSync(folder, { recursive: true });
});

it("runs a version command again if it was aborted", async () => {
  const versionCommand = [process.execPath, "-e", 'setTimeout(() => console.log("tool 4.1.0"), 500)'];
  await toolVersion({ ...tool, versionCommand }, AbortSignal.timeout(50));
  expect(await toolVersion({ ...tool, versionCommand }, never)).toEqual({ version: "4.1.0" });
});
