import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Row } from "../results/model/columns.ts";
import { readNoiseFloor } from "../results/compare/noise-floor.ts";
import { runRecordOf, runRows } from "../results/testing/runs.ts";
import { createResultFile } from "../results/files/csv.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "compare-"));
  writeFileSync(join(folder, "none.json"), JSON.stringify({ ...readNoiseFloor(), columns: {} }));
  file("a.csv", runRows());
  file("a2.csv", runRows({ seed: 2 }));
  file("b.csv", runRows({ seed: 3, slower: { server_cpu_us_per_delivery: 1.5 } }));
});
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

function file(name: string, rows: Row[], record: object = runRecordOf()): void {
  const written = createResultFile(join(folder, name), true);
  written.append(...rows);
  written.close();
  writeFileSync(join(folder, name.replace(".csv", ".json")), JSON.stringify({ ...record, run_id: rows[0]!.run_id }));
}

/**
 * Runs the command without a noise floor, unless the arguments name one. The built-in one changes when it is measured
 * again.
 */
async function compare(...args: string[]) {
  const { seen, code } = startScript(
    "compare.js",
    ["--noise-floor", "none.json", ...args],
    { INIT_CWD: folder },
    folder,
  );
  return { code: await code, ...seen };
}

describe("the exit code", () => {
  const bound = ["--max-regression", "server_cpu_us_per_delivery=10%"];

  it("is 0 where no metric exceeds its bound, and without bounds", async () => {
    expect(await compare("a.csv", "a2.csv", ...bound)).toMatchObject({ code: 0, err: "" });
    const { code, out } = await compare("a.csv", "b.csv");
    expect([code, out.split("\n")[0]]).toEqual([0, "1 got worse, 0 better, 14 same, 0 undecided."]);
  }, 20_000);

  it("is 4 where a metric exceeds its bound, with one sentence that names it", async () => {
    const { code, out, err } = await compare("a.csv", "b.csv", ...bound);
    expect(code).toBe(4);
    expect(err).toMatch(/^ws, chat-100: server_cpu_us_per_delivery got worse, \+\d+\.\d% .*, more than 10%\.\n$/);
    expect(out).toMatch(/^worse +server us\/dlv/m);
  }, 20_000);

  it("is 5 where the rows are too few to show a regression, with a sentence that reports it, and 0 with --allow-undecided", async () => {
    file("few.csv", runRows({ repeats: 2, seed: 4, slower: { server_cpu_us_per_delivery: 9 } }));
    const { code, err } = await compare("a.csv", "few.csv", ...bound);
    expect(code).toBe(5);
    expect(err).toMatch(
      /^--max-regression could not check server_cpu_us_per_delivery of ws, chat-100: too few repeats, measure with --repeat \d/,
    );
    expect(err).toMatch(/\nSo a regression could go unnoticed\. Accept that with --allow-undecided\.\n$/);
    const accepted = await compare("a.csv", "few.csv", ...bound, "--allow-undecided");
    expect([accepted.code, accepted.err.split("\n").length]).toEqual([0, 2]);
  }, 20_000);

  it("is 4 for one lost message, whatever was named, and leads the output", async () => {
    file("lost.csv", [...runRows({ repeats: 5, seed: 2 }), ...runRows({ repeats: 1, seed: 2, changes: { lost: 1 } })]);
    for (const bounds of ["exact", "99%", "latency_p50_us=50%", "lost=0%"]) {
      const { code, err, out } = await compare("a.csv", "lost.csv", "--max-regression", bounds);
      expect(code).toBe(4);
      expect(err).toMatch(/^ws, chat-100: lost got worse, from 0 \(lost\/repeat: 0 to 0\.17\), more than 0%\.$/m);
      expect(out).toMatch(/^1 got worse.*\nWorse: ws, chat-100: lost\/repeat 0 before, 0\.17 after\.\n/);
    }
  }, 20_000);
});

it("compares the builds of one file, without a noise floor, and each later file with the first", async () => {
  const one = { run_id: "one" };
  const slow = { server_cpu_us_per_delivery: 1.05 };
  const rows = [
    ...runRows({ seed: 5, slower: slow, changes: { ...one, build: "new" } }),
    ...runRows({ seed: 6, changes: { ...one, build: "old" } }),
  ];
  file("builds.csv", rows, runRecordOf({ baseline: { build: "old", environment: { libraries: { ws: "7" } } } }));
  const { out } = await compare("builds.csv");
  expect(out).toMatch(/^before {3}builds\.csv, build old\nafter {4}builds\.csv, build new$/m);
  expect(out).toMatch(/^worse +server us\/dlv/m);
  expect(out).toMatch(/Warning: Libraries: ws 7 to 8\.18\.0/);
  const three = await compare("a.csv", "a2.csv", "b.csv");
  expect(three.out.match(/^after .*/gm)).toEqual(["after    a2.csv, build 0123abc", "after    b.csv, build 0123abc"]);
}, 20_000);

it("finds no change between a file and itself, and changes between two of its transports", async () => {
  file("two.csv", [...runRows(), ...runRows({ seed: 9, changes: { transport: "tcp", connect_bytes_in: 0 } })]);
  const itself = await compare("two.csv", "two.csv");
  expect(itself.out).toMatch(/^0 got worse, 0 better, 30 same, 0 undecided\.$/m);
  const { out } = await compare("two.csv", "two.csv", "--pair", "ws=tcp");
  expect(out).toMatch(/^repeats {2}6 before, 6 after, .*\n\nws -> tcp, chat-100\n.*\nbetter +connect B in/m);
}, 20_000);

it("writes the noise floor of runs of the same build, applies it, and overwrites it only with --force", async () => {
  const measure = ["--measure-noise", "noise.json", "a.csv", "b.csv"];
  const { code, out } = await compare(...measure);
  expect([code, out]).toEqual([0, expect.stringMatching(/^server_cpu_us_per_delivery: \d\d(\.\d)?%$/m)]);
  expect(JSON.parse(readFileSync(join(folder, "noise.json"), "utf8"))).toMatchObject({ runs: 2, cpu: "Pretend CPU" });
  const applied = await compare("a.csv", "b.csv", "--noise-floor", "noise.json");
  expect(applied.out).toMatch(/^within noise +server us\/dlv/m);
  expect(await compare(...measure)).toMatchObject({ code: 2, err: expect.stringMatching(/already exists.*--force/) });
  expect((await compare(...measure, "--force")).code).toBe(0);
}, 20_000);

describe("the output", () => {
  it("is JSON, CSV or Markdown with --format", async () => {
    const [json, csv, markdown] = await Promise.all(
      ["json", "csv", "markdown"].map((format) => compare("a.csv", "b.csv", "--format", format)),
    );
    expect(JSON.parse(json!.out).verdicts.worse).toBe(1);
    expect(parse(csv!.out, { columns: true })).toContainEqual(expect.objectContaining({ verdict: "worse" }));
    expect(markdown!.out).toMatch(/^\*\*1 got worse/);
  }, 20_000);

  it("goes to a new file with --out, and overwrites one only with --force", async () => {
    const args = ["a.csv", "b.csv", "--out", "result.txt"];
    expect(await compare(...args)).toMatchObject({ code: 0, out: "" });
    const path = join(folder, "result.txt");
    expect(readFileSync(path, "utf8")).toMatch(/^1 got worse/);
    writeFileSync(path, "precious");
    expect(await compare(...args)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/result\.txt: it already exists/),
    });
    expect(readFileSync(path, "utf8")).toBe("precious");
    expect((await compare(...args, "--force")).code).toBe(0);
    expect(readFileSync(path, "utf8")).toMatch(/^1 got worse/);
  }, 20_000);
});

it.each([
  [["a.csv", "none.csv"], /Cannot read .*none\.csv: there is no such file/],
  [["a.csv"], /^a\.csv has rows of one build only/],
  [["a.csv", "b.csv", "--pair", "wss=ws"], /^--pair "wss=ws": there is no transport "wss" before\. Did you mean "ws"/],
  [["a.csv", "b.csv", "--max-regression", "5"], /^--max-regression "5" is not a bound/],
  [["a.csv", "b.csv", "--max-regression", "sent=5%"], /^--max-regression "sent" is not a tested metric/],
  [
    ["a.csv", "b.csv", "--allow-undecided"],
    /^--allow-undecided needs --max-regression: name the bounds, such as 5%\.$/,
  ],
  [["a.csv", "b.csv", "--format", "jsn"], /^--format "jsn" is unknown\. Did you mean "json"\? The choices are: table/],
  [["a.csv", "b.csv", "--noise-floor", "a.csv"], /^Cannot read the noise floor in .*a\.csv/],
  [
    ["a.csv", "b.csv", "--out", "no/such/x.txt"],
    /^Cannot write .*x\.txt: its folder does not exist: create it, or choose another/,
  ],
  [["a.csv", "other.csv"], /^No trials can be compared\. ws, chat-100: clients 10 before, 20 after\.$/],
  [["--measure-noise", "f.json", "a.csv"], /^A noise floor needs two or more separate runs/],
  [[], /^Name the CSVs to compare/],
])(
  "answers the mistake %j with one sentence, exit 2 and no stack",
  async (args, sentence) => {
    file("other.csv", runRows({ changes: { clients: 20 } }));
    const { code, err } = await compare(...args);
    expect(err.trim()).toMatch(sentence);
    expect(err.trim()).not.toContain("\n");
    expect(code).toBe(2);
    expect(existsSync(join(folder, "f.json"))).toBe(false);
  },
  20_000,
);
