import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { madeUpRows, sweep } from "../results/testing/made-up-rows.ts";
import type { Row } from "../results/model/columns.ts";
import { createResultFile } from "../results/files/csv.ts";
import { readEnvironment } from "../results/model/environment.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "advise-"));
  write("small.csv", [
    ...sweep.map((load) => madeUpRows(load, { transport: "ws" })),
    ...sweep.map((load) => madeUpRows(load, { transport: "short-poll", asksPerS: () => 1 })),
    ...sweep.slice(0, 3).map((load) => madeUpRows(load, { transport: "tcp" })),
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

async function advise(...args: string[]) {
  const { seen, code } = startScript("advise.js", args, { INIT_CWD: folder }, folder);
  return { code: await code, ...seen };
}

const asked = ["--clients", "50000", "--rate", "0.2", "--payload-bytes", "200"];
const small = ["--from", "small.csv"];

it("answers what 50,000 clients need, within 80 columns, and says on which CPU and that it was loopback", async () => {
  const { code, out, err } = await advise(...asked, "--room-size", "50", ...small);
  expect(err).toBe("");
  expect(code).toBe(0);
  expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(out).toContain("50,000 clients send 0.2 messages/s each, 10,000/s in all, of 200 B;");
  expect(out).toMatch(/each message\s+goes to 50 clients: 500,000 deliveries\/s/);
  const line = out.split("\n").find((each) => each.startsWith("ws "))!;
  // 5.96 s of CPU a second; 25 processes of 60 MiB and 10 KiB a client; a connection a client.
  expect(line.split(/\s{2,}/).slice(0, 4)).toEqual(["ws", "9", "1.9", "50,000"]);
  const polling = out.split("\n").find((each) => each.startsWith("short-poll "))!;
  expect(polling).toContain("100K");
  expect(out).toMatch(/tcp: Not known: the model needs rows of 4\s+loads .* there\s+are 3/s);
  expect(out).toContain("on Abacus 3000");
  expect(out).toMatch(/measured on loopback/);
  expect(out).not.toContain("Without --room-size");
});

it("takes messages of all clients instead of each one's, and says what it took where no room is given", async () => {
  const [each, all] = await Promise.all([
    advise(...asked, ...small),
    advise("--clients", "50000", "--rate", "10000", "--payload-bytes", "200", ...small),
  ]);
  expect(each.code).toBe(0);
  expect(each.out).toBe(all.out);
  expect(each.out).toMatch(/goes to 1 client: 10,000 deliveries\/s/);
  expect(each.out).toContain("Without --room-size each message goes to one client");
});

it("prints commands that a shell takes as they stand, also where they are broken", async () => {
  const { out } = await advise(...asked, ...small);
  const commands = [...out.matchAll(/^ {2}npm run bench -- (?:.*\\\n)*.*$/gm)].map(([text]) => text);
  expect(commands.length).toBeGreaterThan(0);
  for (const text of commands)
    expect(text.replaceAll(/\s*\\\n\s*/g, " ").trim()).toMatch(
      /^npm run bench -- --transports \S+ --scenario \S+ --clients \d+ --rate [\d.]+ --payload-bytes 200$/,
    );
});

it("gives the same as JSON and as Markdown", async () => {
  const [json, markdown] = await Promise.all(
    ["json", "markdown"].map((format) => advise(...asked, ...small, "--format", format)),
  );
  const { load, answers } = JSON.parse(json!.out);
  expect(load).toEqual({
    clients: 50_000,
    processes: 1,
    roomSize: 1,
    sendsPerS: 10_000,
    deliveriesPerS: 10_000,
    payloadBytes: 200,
  });
  expect(answers.map(({ transport }: { transport: string }) => transport)).toEqual(["ws", "short-poll", "tcp"]);
  expect(answers[0].needs).toMatchObject({ processes: 25, descriptors: 50_000 });
  expect(markdown!.out).toMatch(/^\| transport \| cores \|.*\|\n\| --- \| ---: \|/m);
});

it("shows what was fitted, and what the rows could not tell apart", async () => {
  const { code, out } = await advise("--model", ...small);
  expect(code).toBe(0);
  expect(out).toMatch(/^ws\s+10\.0\s+-\s+20\.0\s+4\.1\s+5\.0\s+0\.4\s/m);
  expect(out).toMatch(/short-poll: the rows do not vary clients on their own, so that cost lies in an\s+exchange/);
  expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

it("tries the model on rows that it has not seen: 0 where it is as good as it claims, 3 where it is not", async () => {
  const large = { clients: 2_000, room: 2_000, perS: 6, payloadBytes: 200 };
  const polled = madeUpRows(large, { transport: "short-poll", asksPerS: () => 1 }, { client: "undici" });
  write("large.csv", [madeUpRows(large, { transport: "ws" }), polled]);
  write("odd.csv", [madeUpRows(large, { transport: "ws", noise: () => 2 })]);
  write("far.csv", [madeUpRows({ ...large, payloadBytes: 4_000 }, { transport: "ws" })]);
  write(
    "noisy.csv",
    sweep.map((load, i) => madeUpRows(load, { transport: "ws", noise: () => 1 + (i % 3) / 20 })),
  );
  const [good, bad, far] = await Promise.all(
    ["large.csv", "odd.csv", "far.csv"].map((file) => advise("--from", "noisy.csv", "--baseline", file)),
  );
  expect(good!.out).toContain("2 of 2 predictions are within the claimed error");
  expect(good!.code).toBe(0);
  expect(bad!.out).toMatch(/! -\d\d\.\d %/);
  expect(bad!.code).toBe(3);
  expect(far!.out).toMatch(/ws: not known: payload 4,000 B/);
  expect(far!.out).toContain("0 of 0 predictions");
  expect(far!.code).toBe(1);
});

it("exits 1 where nothing can be said of any transport", async () => {
  write("one.csv", [madeUpRows(sweep[0]!)]);
  const { code, out } = await advise(...asked, "--from", "one.csv");
  expect(code).toBe(1);
  expect(out).toContain("results/reference/README.md");
});

it.each([
  [["--rate", "1"], /^Say how many clients there are: --clients 50000\.$/],
  [["--clients", "10"], /^Say how much they send: --rate .* not both\.$/],
  [["--clients", "10", "--rate", "1", "--rate", "1"], /^Say how much they send: --rate .* not both\.$/],
  [["--clients", "10", "--rate", "10000"], /--rate "10000" is not .* --rate/],
  [["--clients", "10", "--rate", "1", "--room-size", "11"], /--room-size 11 is more than there are --clients, 10/],
  [
    ["--clients", "10", "--rate", "1", "--utilisation", "80%"],
    /--utilisation "80%" is not a percentage from 1% to 70%/,
  ],
  [["--clients", "10", "--rate", "1", "--payload-bytes", "3"], /--payload-bytes "3" is not a size/],
  [["--model", "--format", "xml"], /Unknown --format "xml"\..*table, markdown, json/],
  [["--model", "--from", "none.csv"], /none\.csv: there is no such file/],
  [["--model", "--from", "small.csv", "other.csv"], /different CPUs \(Abacus 3000; Slide rule\)/],
])(
  "takes the user's mistake with one sentence: %j",
  async (args, sentence) => {
    write("other.csv", [madeUpRows(sweep[0]!)], "Slide rule");
    const { code, err } = await advise(...args, ...(args.includes("--from") ? [] : small));
    expect(err.trim()).toMatch(sentence);
    expect(err.trim()).not.toContain("\n");
    expect(code).toBe(2);
  },
  20_000,
);
