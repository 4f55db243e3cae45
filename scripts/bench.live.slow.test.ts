import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "../scenarios/lib/until.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

const quick = ["--scenario", "chat-100", "--clients", "20", "--duration", "4s", "--warmup", "200ms", "--rate", "50"];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "live-"));
});
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

/** A run with --live, its address, and the events so far of somebody who follows it. */
async function follow(...args: string[]) {
  const command = [...quick, ...args, "--live", "--out", "out.csv"];
  const { child, seen, code } = startScript("bench.js", command, { INIT_CWD: folder }, folder);
  await until(() => /^Live: http\S+$/m.test(seen.out) || seen.err !== "", "the bench prints its link", 30_000);
  const url = /^Live: (\S+)$/m.exec(seen.out)?.[1] ?? "";
  const leaving = new AbortController();
  const stream = await fetch(`${url}events`, { signal: leaving.signal });
  let text = "";
  const reading = (async () => {
    for await (const chunk of stream.body!) text += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  const events = (kind: string): Record<string, unknown>[] =>
    [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!)).filter((event) => event.kind === kind);
  return { child, seen, code, url, events, reading, leave: () => leaving.abort() };
}

it("tells the seconds of each trial and its row, and at the end has the report that the command makes", async () => {
  const { seen, code, url, events, reading, leave } = await follow("--transports", "tcp,ws");
  await until(() => events("end").length > 0 || seen.err !== "", "the run has ended", 60_000);
  expect(events("plan")).toMatchObject([{ scenario: "chat-100", trials: 2, transports: ["tcp", "ws"] }]);
  expect(events("trial")).toHaveLength(2);
  for (const trial of [1, 2]) {
    const rates = events("rates").filter((event) => event["trial"] === trial);
    const delivered = rates.reduce((sum, { delivered: perS }) => sum + Number(perS), 0);
    expect(delivered).toBeGreaterThan(2_000); // of 1,000 a second
    expect(events("latency").filter((event) => event["trial"] === trial)).not.toEqual([]);
    expect(events("timeline").find((event) => event["trial"] === trial)).toMatchObject({ points: { length: 4 } });
  }
  expect(events("end")).toEqual([{ kind: "end", how: "finished", report: true, command: "npm run report -- out.csv" }]);
  const report = await (await fetch(url)).text();
  leave();
  await reading;
  expect([0, 3]).toContain(await code); // 3: suspect on a busy machine
  await startScript("report.js", ["out.csv"], { INIT_CWD: folder }, folder).code;
  const withoutNote = report.replace(/<p class="meta">Served by the run itself[^<]*<\/p>/, "");
  expect(withoutNote).not.toBe(report);
  expect(withoutNote).toBe(readFileSync(join(folder, "out.html"), "utf8"));
}, 120_000);

it("says that the run was interrupted, and does not wait for the page", async () => {
  const { child, code, events, reading } = await follow("--transports", "tcp", "--duration", "60s");
  await until(() => events("rates").length > 0, "the first second of the window is over", 30_000);
  child.kill("SIGINT");
  await reading;
  expect(events("end")).toEqual([{ kind: "end", how: "interrupted", report: false, command: "" }]);
  expect(await code).toBe(130);
}, 60_000);
