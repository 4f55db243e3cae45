import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RunError } from "../../../scenarios/lib/errors.ts";
import { until } from "../../../scenarios/lib/until.ts";
import type { Environment } from "../../../results/model/environment.ts";
import { prepareBaseline } from "./baseline-build.ts";

/** Another version of this project whose build does nothing. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "version-"));
  write("package.json", '{ "name": "transport-bench", "dependencies": {} }');
  write("node_modules/typescript/bin/tsc", "");
  vi.stubEnv("TMPDIR", folder);
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Prepares that version, with this code in place of its bench. */
function prepared(bench: string, signal = new AbortController().signal) {
  write("dist/scripts/bench.js", bench);
  return prepareBaseline(folder, { harness: { commit: null } } as Environment, signal);
}

it("a baseline has the transports that its bench lists, also over TLS where they have it", async () => {
  const list = { transports: [{ name: "ws" }, { name: "udp", noTlsReason: "it has no TLS" }] };
  const build = await prepared(`console.log(${JSON.stringify(JSON.stringify(list))});`);
  expect([...build!.transports]).toEqual(["ws", "ws+tls", "udp"]);
});

it.each([
  ["refuses --format", `console.error("There is no option --format."); process.exitCode = 2;`, /no option --format/],
  ["prints another list", `console.log("Scenarios:");`, /not valid JSON/],
  ["prints JSON that is no list", `console.log("[]");`, /expected object/],
])("a baseline whose bench %s is too old, in one sentence that keeps the cause", async (_, bench, cause) => {
  const error: unknown = await prepared(bench).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RunError);
  expect(error).toMatchObject({
    message: `Cannot measure against ${folder}: it is older than \`bench --list --format json\`. Name a newer version.`,
    cause: { message: expect.stringMatching(cause) },
  });
});

it("a baseline is undefined, not too old, when its list is aborted", async () => {
  const controller = new AbortController();
  const started = join(folder, "started");
  const bench = `require("fs").writeFileSync(${JSON.stringify(started)}, ""); setInterval(() => {}, 1000);`;
  const running = prepared(bench, controller.signal);
  await until(() => existsSync(started), "its bench is running");
  controller.abort();
  expect(await running).toBeUndefined();
});
