import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { commandNamed } from "./cli.ts";
import { rejectOptionsOfNpm } from "./npm.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "npm-"));
  const script = basename(process.argv[1]!);
  stub({ lifecycle_script: `tsc && node dist/scripts/${script}`, config_local_prefix: folder });
  stub({ config_user_agent: "npm/11.0.0 node/v20.19.0 linux x64", config_userconfig: join(folder, "mine") });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Sets variables as npm does for a script that it runs. */
function stub(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(`npm_${name}`, value);
}

const command = commandNamed("fly", "Flies.")
  .option("--max-speed <n>", "")
  .option("--no-wind", "")
  .option("--force", "")
  .option("--all", "");
const check = () => rejectOptionsOfNpm(command);

it.each([
  ["--max-speed", "max_speed", "5%"],
  ["--max-speed", "max_speed", "true"],
  ["--no-wind", "wind", ""],
])("refuses %s that npm took: npm_config_%s is %j", (option, name, value) => {
  stub({ [`config_${name}`]: value });
  expect(check).toThrow(`npm took ${option} for itself: put -- before the options.`);
});

it("ignores options that npm has, too", () => {
  stub({ config_force: "true", config_all: "true", config_loglevel: "silent" });
  expect(check).not.toThrow();
});

it.each(["mine", ".npmrc"])("ignores what the user has set for other programs in %s", (file) => {
  stub({ config_max_speed: "3" });
  writeFileSync(join(folder, file), "fund=false\n max-speed = 3\n");
  expect(check).not.toThrow();
});

it("ignores these variables where npm runs another program, and where pnpm runs this one", () => {
  stub({ config_max_speed: "3", lifecycle_script: "vitest run" });
  expect(check).not.toThrow();
  stub({ lifecycle_script: `node scripts/${basename(process.argv[1]!)}`, config_user_agent: "pnpm/9.0.0 npm/? node" });
  expect(check).not.toThrow();
});
