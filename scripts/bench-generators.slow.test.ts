import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { endAllScripts, leftovers, startScript } from "./lib/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

const benchGenerators = (args: string[], env: NodeJS.ProcessEnv = {}) => startScript("bench-generators.js", args, env);
const linux = process.platform === "linux";

afterEach(endAllScripts);

it.each([
  [["--tools", "work"], /Unknown tool "work"\. Did you mean "wrk"\? The choices are: wrk, h2load, .*\.$/],
  [["--connections", "1"], /--connections "1" is not a whole number from 2 to 10,000/],
  [["--connections", "100,"], /--connections "" is not a whole number/],
  [["--rounds", "0"], /--rounds "0" is not a whole number from 1 to 100/],
  [["--seconds", "1s"], /--seconds "1s" is not a whole number/],
  [["--rate", "0"], /--rate "0" is not a whole number from 10/],
  [["--out", "/no/such/folder/a.csv"], /Cannot write \/no\/such\/folder\/a\.csv: its folder does not exist/],
])(
  "reports the user's mistake in one sentence and exits 2: %j",
  async (args, sentence) => {
    const { seen, code } = benchGenerators(args);
    expect(await code).toBe(2);
    expect(seen.err.trim()).toMatch(sentence);
    expect(seen.err.trim()).not.toContain("\n");
  },
  20_000,
);

it.runIf(linux)(
  "lists missing and unknown tools with their install commands, and exits 0 where no tool is left",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "generators-test-"));
    try {
      writeFileSync(join(folder, "wrk"), "#!/bin/sh\necho wrk 9.9\n");
      chmodSync(join(folder, "wrk"), 0o755);
      const { seen, code } = benchGenerators(["--tools", "wrk,artillery,h2load"], {
        PATH: `${folder}:/no-such-folder`,
      });
      expect(await code).toBe(0);
      expect(seen.out).toMatch(/^wrk is left out: "wrk -v" printed "wrk 9.9", which is not a version/m);
      expect(seen.out).toMatch(/^h2load is missing\. To install it: apt-get install nghttp2-client$/m);
      expect(seen.out.match(/^artillery is missing\. To install it: npm i -g artillery$/gm)).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  20_000,
);

it.runIf(linux)(
  "measures our own client and a bare client, prints a table and writes every result to the CSV",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "generators-test-"));
    try {
      const file = join(folder, "results.csv");
      const flags = ["--tools", "tcp", "--connections", "2", "--rounds", "1", "--seconds", "1", "--out", file];
      const { seen, code } = benchGenerators(flags);
      expect([await code, seen.err]).toEqual([0, ""]);
      expect(seen.out).toMatch(/^net +\S+ .* 1\.00 +1\.00\.\.1\.00$/m);
      expect(seen.out).toMatch(/^tcp +\S+ .* \d+\.\d+\.\.\d+\.\d+$/m);
      const [header, ...rows] = readFileSync(file, "utf8").trim().split(/\r?\n/);
      expect(header).toMatch(/^group,tool,version,connections,/);
      expect(rows.map((row) => row.split(",").slice(0, 2))).toEqual([
        ["raw TCP echo", "net"],
        ["raw TCP echo", "tcp"],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  240_000, // a disturbed measurement is repeated twice
);

it.runIf(linux)(
  "ends every process and exits 130 at Ctrl-C",
  async () => {
    const mark = `generators-${process.pid}`;
    const { child, seen, code } = benchGenerators(["--tools", "net", "--connections", "2"], { BENCH_MARK: mark });
    await until(() => leftovers(mark).length >= 3, "the command, a server and a generator run");
    child.kill("SIGINT");
    expect(await code).toBe(130);
    expect(seen.err).toBe("");
    await until(() => leftovers(mark).length === 0, "every process has ended");
  },
  30_000,
);
