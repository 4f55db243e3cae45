import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { endAllScripts, leftovers, startScript } from "./lib/testing/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

const tools = (args: string[], env: NodeJS.ProcessEnv = {}) => startScript("bench-generators.js", args, env);
const linux = process.platform === "linux";

afterEach(endAllScripts);

it.each([
  [["--peers", "work"], /Unknown peer "work"\. Did you mean "wrk"\? The choices are: wrk, h2load, .*\.$/],
  [["--connections", "1"], /--connections "1" is not a whole number from 2 to 10,000/],
  [["--connections", "100,"], /--connections "" is not a whole number/],
  [["--rounds", "0"], /--rounds "0" is not a whole number from 1 to 100/],
  [["--seconds", "1s"], /--seconds "1s" is not a whole number/],
  [["--rate", "0"], /--rate "0" is not a whole number from 10/],
  [["--out", "/no/such/folder/a.csv"], /Cannot write \/no\/such\/folder\/a\.csv: its folder does not exist/],
])(
  "takes the user's mistake with one sentence: %j",
  async (args, sentence) => {
    const { seen, code } = tools(args);
    expect(await code).toBe(2);
    expect(seen.err.trim()).toMatch(sentence);
    expect(seen.err.trim()).not.toContain("\n");
  },
  20_000,
);

it.runIf(linux)(
  "says what is missing, what is not known, and how to get it, and ends well where nothing is left",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "peers-test-"));
    try {
      writeFileSync(join(folder, "wrk"), "#!/bin/sh\necho wrk 9.9\n");
      chmodSync(join(folder, "wrk"), 0o755);
      const { seen, code } = tools(["--peers", "wrk,artillery,h2load"], { PATH: `${folder}:/bin-of-nobody` });
      expect(await code).toBe(0);
      expect(seen.out).toMatch(/^wrk is left out: "wrk -v" says "wrk 9.9", not a version/m);
      expect(seen.out).toMatch(/^h2load is missing\. To have it: apt-get install nghttp2-client$/m);
      expect(seen.out.match(/^artillery is missing\. To have it: npm i -g artillery$/gm)).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  20_000,
);

it.runIf(linux)(
  "leaves no process and exits 130 when Ctrl-C comes",
  async () => {
    const mark = `peers-${process.pid}`;
    const { child, seen, code } = tools(["--peers", "net", "--connections", "2"], { BENCH_MARK: mark });
    await until(() => leftovers(mark).length >= 3, "the command, a server and a generator are there");
    child.kill("SIGINT");
    expect(await code).toBe(130);
    expect(seen.err).toBe("");
    await until(() => leftovers(mark).length === 0, "every process has ended");
  },
  30_000,
);
