import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Row } from "../results/model/columns.ts";
import { readNoiseFloors } from "../results/compare/noise-floors.ts";
import { runRecordOf, runRows } from "../results/testing/runs.ts";
import { createResultFile } from "../results/files/csv.ts";
import { endAllScripts, startScript } from "./lib/testing/spawn-script.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "compare-"));
  writeFileSync(join(folder, "none.json"), JSON.stringify({ ...readNoiseFloors(), columns: {} }));
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
  writeFileSync(join(folder, name.replace(".csv", ".json")), JSON.stringify(record));
}

/** Without floors, unless the arguments name some: those that are built in are measured anew now and then. */
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

  it("is 0 where nothing is worse than its bound, and where nothing was bound", async () => {
    expect(await compare("a.csv", "a2.csv", ...bound)).toMatchObject({ code: 0, err: "" });
    const { code, out } = await compare("a.csv", "b.csv");
    expect([code, out.split("\n")[0]]).toEqual([0, "1 got worse, 0 better, 6 same, 0 undecided."]);
  }, 20_000);

  it("is 4 where something is, with one sentence that says what", async () => {
    const { code, out, err } = await compare("a.csv", "b.csv", ...bound);
    expect(code).toBe(4);
    expect(err).toMatch(/^ws, chat-100: server_cpu_us_per_delivery got worse, \+\d+\.\d% .*, over 10%\.\n$/);
    expect(out).toMatch(/^worse +server us\/dlv/m);
  }, 20_000);

  it("is 0 where nobody could have seen it, and a sentence says so", async () => {
    file("few.csv", runRows({ repeats: 2, seed: 4, slower: { server_cpu_us_per_delivery: 9 } }));
    const { code, err } = await compare("a.csv", "few.csv", ...bound);
    expect(code).toBe(0);
    expect(err).toMatch(
      /^--max-regression could not judge server_cpu_us_per_delivery of ws, chat-100: needs \d repeats/,
    );
  }, 20_000);
});

it("compares the builds of one file, without a floor, and each later file with the first", async () => {
  const one = { run_id: "one" };
  const slow = { server_cpu_us_per_delivery: 1.05 };
  const rows = [
    ...runRows({ seed: 5, slower: slow, changes: { ...one, build: "new" } }),
    ...runRows({ seed: 6, changes: { ...one, build: "old" } }),
  ];
  file("builds.csv", rows, runRecordOf({ baseline: { build: "old", environment: { libraries: { ws: "7" } } } }));
  const { out } = await compare("builds.csv");
  expect(out).toMatch(/^before {2}builds\.csv, build old\nafter {3}builds\.csv, build new$/m);
  expect(out).toMatch(/^worse +server us\/dlv/m);
  expect(out).toMatch(/Warning: Libraries: ws 7 to 8\.18\.0/);
  const three = await compare("a.csv", "a2.csv", "b.csv");
  expect(three.out.match(/^after .*/gm)).toEqual(["after   a2.csv, build 0123abc", "after   b.csv, build 0123abc"]);
}, 20_000);

it("finds nothing between a file and itself, and something between two transports of it", async () => {
  file("two.csv", [...runRows(), ...runRows({ seed: 9, changes: { transport: "tcp", connect_bytes_in: 0 } })]);
  const itself = await compare("two.csv", "two.csv");
  expect(itself.out).toMatch(/^0 got worse, 0 better, 14 same, 0 undecided\.$/m);
  const { out } = await compare("two.csv", "two.csv", "--pair", "ws=tcp");
  expect(out).toMatch(/^ws -> tcp, chat-100: 6 repeats before, 6 after, .*\n.*\nbetter +connect B in/m);
}, 20_000);

it("learns floors from runs of the same thing, keeps to them, and does not overwrite them unasked", async () => {
  const learn = ["--measure-noise", "floors.json", "a.csv", "b.csv"];
  const { code, out } = await compare(...learn);
  expect([code, out]).toEqual([0, expect.stringMatching(/^server_cpu_us_per_delivery: \d\d(\.\d)?%$/m)]);
  expect(JSON.parse(readFileSync(join(folder, "floors.json"), "utf8"))).toMatchObject({ runs: 2, cpu: "Pretend CPU" });
  const kept = await compare("a.csv", "b.csv", "--noise-floor", "floors.json");
  expect(kept.out).toMatch(/^below floor +server us\/dlv/m);
  expect(await compare(...learn)).toMatchObject({ code: 2, err: expect.stringMatching(/already there.*--force/) });
  expect((await compare(...learn, "--force")).code).toBe(0);
}, 20_000);

describe("the output", () => {
  it("is JSON, CSV or Markdown where that is asked for", async () => {
    const [json, csv, markdown] = await Promise.all(
      ["json", "csv", "markdown"].map((format) => compare("a.csv", "b.csv", "--format", format)),
    );
    expect(JSON.parse(json!.out).verdicts.worse).toBe(1);
    expect(parse(csv!.out, { columns: true })).toContainEqual(expect.objectContaining({ verdict: "worse" }));
    expect(markdown!.out).toMatch(/^\*\*1 got worse/);
  }, 20_000);

  it("goes to a file that is not there yet, or that it is told to overwrite", async () => {
    const args = ["a.csv", "b.csv", "--out", "said.txt"];
    expect(await compare(...args)).toMatchObject({ code: 0, out: "" });
    const path = join(folder, "said.txt");
    expect(readFileSync(path, "utf8")).toMatch(/^1 got worse/);
    writeFileSync(path, "precious");
    expect(await compare(...args)).toMatchObject({ code: 2, err: expect.stringMatching(/said\.txt: it is already/) });
    expect(readFileSync(path, "utf8")).toBe("precious");
    expect((await compare(...args, "--force")).code).toBe(0);
    expect(readFileSync(path, "utf8")).toMatch(/^1 got worse/);
  }, 20_000);
});

it.each([
  [["a.csv", "none.csv"], /Cannot read .*none\.csv: there is no such file/],
  [["a.csv"], /^a\.csv holds one build only/],
  [["a.csv", "b.csv", "--pair", "wss=ws"], /^--pair "wss=ws": there is no transport "wss" before\. Did you mean "ws"/],
  [["a.csv", "b.csv", "--max-regression", "5"], /^--max-regression "5" is not a bound/],
  [["a.csv", "b.csv", "--max-regression", "lost=5%"], /^--max-regression "lost": this is never decided/],
  [["a.csv", "b.csv", "--format", "jsn"], /^--format "jsn" is none\. Did you mean "json"\? The choices are: table/],
  [["a.csv", "b.csv", "--noise-floor", "a.csv"], /^Cannot read the floors in .*a\.csv/],
  [
    ["a.csv", "b.csv", "--out", "no/such/x.txt"],
    /^Cannot write .*x\.txt: its folder does not exist: make it, or choose another/,
  ],
  [["a.csv", "other.csv"], /^Nothing can be compared\. ws, chat-100: clients 10 before, 20 after\.$/],
  [["--measure-noise", "f.json", "a.csv"], /^Floors are what separate runs .* give two or more/],
  [[], /^Name the CSVs to compare/],
])(
  "takes the mistake %j with one sentence, exit 2 and no stack",
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
