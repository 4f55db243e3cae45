import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { madeUpRow, sweep } from "../results/testing/made-up-rows.ts";
import type { Row } from "../results/model/columns.ts";
import { createResultFile } from "../results/files/csv.ts";
import { readEnvironment } from "../results/model/environment.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sizing-"));
  write("small.csv", [
    ...sweep.map((load) => madeUpRow(load, { transport: "ws" })),
    ...sweep.map((load) => madeUpRow(load, { transport: "short-poll", pollsPerS: () => 1 })),
    ...sweep.slice(0, 3).map((load) => madeUpRow(load, { transport: "tcp" })),
  ]);
});
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

/** A result file, and the record of a run on a machine with this CPU. */
function write(name: string, rows: readonly Row[], cpu = "Abacus 3000"): void {
  const file = createResultFile(join(folder, name), false);
  file.append(...rows);
  file.close();
  const record = {
    run_id: "2025-01-02T03-04-05Z",
    command: [],
    environment: { ...readEnvironment(), cpu, descriptor_limit: 20_000 },
    options: {},
    trials: [],
  };
  writeFileSync(join(folder, name.replace(".csv", ".json")), JSON.stringify(record));
}

async function sizing(...args: string[]) {
  const { seen, code } = startScript("sizing.js", args, { INIT_CWD: folder }, folder);
  return { code: await code, ...seen };
}

const load = ["--clients", "50000", "--rate-per-client", "0.2", "--payload-bytes", "200"];
const small = ["--from", "small.csv"];

it("prints what 50,000 clients need, within 80 columns, with the CPU and the network of the rows", async () => {
  const { code, out, err } = await sizing(...load, "--room-size", "50", ...small);
  expect(err).toBe("");
  expect(code).toBe(0);
  expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(out).toContain("50,000 clients send 0.2 messages/s each (10,000/s in total) of 200 B.");
  expect(out).toMatch(/Each\s+message\s+goes to 50 clients: 500,000 deliveries\/s/);
  const line = out.split("\n").find((each) => each.startsWith("ws "))!;
  // 5.96 s of CPU per second; 25 processes of 60 MiB, and 10 KiB and one socket per client.
  expect(line.split(/\s{2,}/).slice(0, 4)).toEqual(["ws", "9", "1.9", "50,000"]);
  const polling = out.split("\n").find((each) => each.startsWith("short-poll "))!;
  expect(polling).toContain("100K");
  expect(out).toMatch(/tcp: Unknown\. The model needs rows of at least 4\s+loads .* 3\s+loads\s+are\s+usable/s);
  expect(out).toContain("on Abacus 3000");
  expect(out).toMatch(/measured on loopback/);
  expect(out).not.toContain("Without --room-size");
});

it("accepts --rate of all clients instead of --rate-per-client, and warns when --room-size is missing", async () => {
  const [each, all] = await Promise.all([
    sizing(...load, ...small),
    sizing("--clients", "50000", "--rate", "10000", "--payload-bytes", "200", ...small),
  ]);
  expect(each.code).toBe(0);
  expect(each.out).toBe(all.out);
  expect(each.out).toMatch(/goes to 1 client: 10,000 deliveries\/s/);
  expect(each.out).toContain("Without --room-size each message goes to one client");
});

it("prints commands that can be pasted into a shell, even when they are broken over lines", async () => {
  const { out } = await sizing(...load, ...small);
  const commands = [...out.matchAll(/^ {2}npm run bench -- (?:.*\\\n)*.*$/gm)].map(([text]) => text);
  expect(commands.length).toBeGreaterThan(0);
  for (const text of commands)
    expect(text.replaceAll(/\s*\\\n\s*/g, " ").trim()).toMatch(
      /^npm run bench -- --transports \S+ --scenario \S+ --clients \d+ --rate [\d.]+ --payload-bytes 200$/,
    );
});

it("prints the same answer as JSON and as Markdown", async () => {
  const [json, markdown] = await Promise.all(
    ["json", "markdown"].map((format) => sizing(...load, ...small, "--format", format)),
  );
  const data = JSON.parse(json!.out);
  expect(data.load).toEqual({
    clients: 50_000,
    processes: 1,
    roomSize: 1,
    sendsPerS: 10_000,
    deliveriesPerS: 10_000,
    payloadBytes: 200,
  });
  expect(data.answers.map(({ transport }: { transport: string }) => transport)).toEqual(["ws", "short-poll", "tcp"]);
  expect(data.answers[0].requirements).toMatchObject({ processes: 25, sockets: 50_000 });
  expect(markdown!.out).toMatch(/^\| transport \| cores \|.*\|\n\| --- \| ---: \|/m);
});

it("--model prints the fitted costs, and the terms that the rows do not separate", async () => {
  const { code, out } = await sizing("--model", ...small);
  expect(code).toBe(0);
  expect(out).toMatch(/^ws\s+10\.0\s+-\s+20\.0\s+4\.1\s+5\.0\s+0\.4\s/m);
  expect(out).toMatch(
    /short-poll: clients did not vary independently in the rows\. Their\s+cost\s+is\s+part\s+of\s+a\s+poll/,
  );
  expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

it("--validate predicts the rows of other files: exit 0 within the claimed error, 3 beyond it, 1 without a prediction", async () => {
  const large = { clients: 2_000, roomSize: 2_000, sendsPerS: 6, payloadBytes: 200 };
  const polled = madeUpRow(large, { transport: "short-poll", pollsPerS: () => 1 }, { client: "undici" });
  write("large.csv", [madeUpRow(large, { transport: "ws" }), polled]);
  write("odd.csv", [madeUpRow(large, { transport: "ws", noise: () => 2 })]);
  write("far.csv", [madeUpRow({ ...large, payloadBytes: 4_000 }, { transport: "ws" })]);
  write(
    "noisy.csv",
    sweep.map((each, i) => madeUpRow(each, { transport: "ws", noise: () => 1 + (i % 3) / 20 })),
  );
  const [good, bad, far] = await Promise.all(
    ["large.csv", "odd.csv", "far.csv"].map((file) => sizing("--from", "noisy.csv", "--validate", file)),
  );
  expect(good!.out).toContain("2 of 2 predictions are within the claimed error");
  expect(good!.code).toBe(0);
  expect(bad!.out).toMatch(/! -\d\d\.\d %/);
  expect(bad!.code).toBe(3);
  expect(far!.out).toMatch(/ws: outside the measured range: payload 4,000 B/);
  expect(far!.out).toContain("0 of 0 predictions");
  expect(far!.code).toBe(1);
});

it("exits 1 when the requirements of every transport are unknown", async () => {
  write("one.csv", [madeUpRow(sweep[0]!)]);
  const { code, out } = await sizing(...load, "--from", "one.csv");
  expect(code).toBe(1);
  expect(out).toContain("results/reference/README.md");
});

it.each([
  [["--rate", "1"], /^--clients is missing\. Example: --clients 50000\.$/],
  [["--clients", "10"], /^Give exactly one of --rate .* and --rate-per-client/],
  [
    ["--clients", "10", "--rate", "1", "--rate-per-client", "1"],
    /^Give exactly one of --rate .* and --rate-per-client/,
  ],
  [["--clients", "10", "--rate-per-client", "0"], /--rate-per-client "0"/],
  [["--clients", "10", "--rate", "1", "--room-size", "11"], /--room-size 11 exceeds --clients 10/],
  [
    ["--clients", "10", "--rate", "1", "--utilisation", "80%"],
    /--utilisation "80%" is not a percentage from 1% to 70%/,
  ],
  [["--clients", "10", "--rate", "1", "--payload-bytes", "3"], /--payload-bytes "3" is not a size/],
  [["--model", "--format", "xml"], /Unknown --format "xml"\..*table, markdown, json/],
  [["--model", "--from", "none.csv"], /none\.csv: there is no such file/],
  [["--model", "--from", "small.csv", "other.csv"], /different CPUs \(Abacus 3000; Slide rule\)/],
])(
  "reports the user's mistake on one line with exit code 2: %j",
  async (args, sentence) => {
    write("other.csv", [madeUpRow(sweep[0]!)], "Slide rule");
    const { code, err } = await sizing(...args, ...(args.includes("--from") ? [] : small));
    expect(err.trim()).toMatch(sentence);
    expect(err.trim()).not.toContain("\n");
    expect(code).toBe(2);
  },
  20_000,
);
