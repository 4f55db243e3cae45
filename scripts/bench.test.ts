import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

const quick = ["--scenario", "chat-100", "--clients", "20", "--duration", "500ms", "--warmup", "200ms", "--rate", "50"];

let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-"));
  out = join(folder, "out.csv");
});

afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

const bench = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  startScript("bench.js", args, { INIT_CWD: folder, ...env }, folder);

async function finish(args: string[], env?: NodeJS.ProcessEnv) {
  const { seen, code } = bench(args, env);
  return { code: await code, ...seen };
}

function rows(): Record<string, string>[] {
  return parse(readFileSync(out), { columns: true });
}

it("writes a row per trial, and beside the rows the summary, the timeline and the record of the run", async () => {
  const node_options = "--max-semi-space-size=32";
  const { code, out: output } = await finish([...quick, "--transports", "tcp,wss", "--repeat", "2", "--out", out], {
    NODE_OPTIONS: node_options,
  });
  expect(code).toBe(0);
  expect(output).toContain("Rows: 4 in");
  expect(existsSync(join(folder, "out.summary.csv"))).toBe(true);
  expect(output.split("\n").every((line) => line.length <= 80 || line.includes(out))).toBe(true);
  // eslint-disable-next-line no-control-regex
  expect(output).not.toMatch(/\u001b/);
  expect(
    rows()
      .map(({ transport, repeat }) => `${transport} ${repeat}`)
      .toSorted(),
  ).toEqual(["tcp 1", "tcp 2", "ws+tls 1", "ws+tls 2"]);
  for (const row of rows())
    expect(row).toMatchObject({ clients: "20", sent: "25", expected: "500", delivered: "500", lost: "0" });
  // Half a second each: one point.
  const timeline: Record<string, string>[] = parse(readFileSync(join(folder, "out.timeline.csv")), { columns: true });
  expect(new Set(timeline.map((point) => point["started_at"]))).toEqual(
    new Set(rows().map((row) => row["started_at"])),
  );
  for (const point of timeline) expect(point).toMatchObject({ second: "0", messages: "25" });
  const record = JSON.parse(readFileSync(join(folder, "out.json"), "utf8"));
  expect(record.trials).toHaveLength(4);
  expect(record.trials[0].settings).toMatchObject({ clients: 20, durationMs: 500, warmupMs: 200, seed: 1 });
  expect(record.environment).toMatchObject({
    node: process.version,
    node_options,
    libraries: { ws: expect.any(String) },
  });
  expect(record.options.tcp).toMatchObject({ maxPayloadBytes: expect.any(Number) });
  expect(record.options["ws+tls"]).toMatchObject({ tls: true });
}, 60_000);

describe("prints one sentence without a stack, and exits 2, for a mistake of the user:", () => {
  it.each([
    [["--scenario", "chat-1kk"], /Unknown scenario "chat-1kk"\. Did you mean "chat-1k"\?/],
    [["--scenario", "echo", "--transports", "ws,ws"], /names "ws" twice/],
    [
      ["--scenario", "echo", "--clents", "3"],
      /^There is no option --clents\. Did you mean --clients\? npm run bench -- --help lists the options\.$/,
    ],
    [["--scenario", "echo", "--out", "."], /Cannot write .*: it is a folder/],
    [["--scenario", "echo", "--live", "80808"], /^--live "80808" is not a whole number from 1 to 65,535\.$/],
    [[], /Name the scenario: --scenario NAME/],
  ])(
    "%j",
    async (args, sentence) => {
      const { code, err } = await finish(args);
      expect(err.trim()).toMatch(sentence);
      expect(err.trim()).not.toContain("\n");
      expect(code).toBe(2);
    },
    20_000,
  );

  it("an output file that already exists; the file stays unchanged", async () => {
    writeFileSync(out, "precious");
    const { code, err } = await finish([...quick, "--transports", "tcp", "--out", out]);
    expect(err).toMatch(/already exists: overwrite it with --force, or choose another --out/);
    expect([code, readFileSync(out, "utf8")]).toEqual([2, "precious"]);
    expect((await finish([...quick, "--transports", "tcp", "--out", out, "--force"])).code).toBe(0);
    expect(rows()).toHaveLength(1);
  }, 30_000);
});

describe("thresholds", () => {
  it("exit 6 where one is broken, each with a sentence, and with another where it cannot be judged", async () => {
    writeFileSync(join(folder, "mine.yaml"), "extends: chat-100\nthresholds: [latency_p50_us<1us, 'lost=0,lost<9']\n");
    const [, , ...rest] = quick;
    const args = ["--scenario", "mine.yaml", ...rest, "--transports", "tcp", "--out", out];
    const { code, err } = await finish([...args, "--threshold", "latency_p99_us<1us"]);
    expect(err.trim().split("\n")).toEqual([
      expect.stringMatching(/^tcp, mine: latency_p50_us is [\d,]+ us, and the threshold is latency_p50_us<1us\.$/),
      expect.stringMatching(/^tcp, mine: the threshold latency_p99_us<1us could not be checked, /),
    ]);
    expect(code).toBe(6);
    const { trials } = JSON.parse(readFileSync(join(folder, "out.json"), "utf8"));
    const texts = trials[0].settings.thresholds.map(({ text }: { text: string }) => text);
    expect(texts).toEqual(["latency_p50_us<1us", "lost=0", "lost<9", "latency_p99_us<1us"]);
  }, 30_000);
});

it("prints its help with all scenarios and transports when it has no arguments", async () => {
  const { out: output } = await finish([]);
  for (const name of ["chat-1k", "chat-100", "echo", "short-poll", "socket.io", "Examples"])
    expect(output).toContain(name);
}, 20_000);

it.runIf(existsSync("/dev/full"))(
  "reports a full disk in its error, and exits 2",
  async () => {
    const { code, err } = await finish([...quick, "--transports", "tcp", "--out", "/dev/full", "--force"]);
    expect(err).toMatch(/Cannot write .*the disk is full/);
    expect(code).toBe(2);
  },
  60_000,
);
