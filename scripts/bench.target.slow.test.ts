import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it } from "vitest";
import { columns } from "../results/model/columns.ts";
import { authority } from "../scenarios/lib/addresses.ts";
import { endAllScripts, leftovers, startScript, startServeScript } from "./lib/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

const quick = "--clients 20 --duration 500ms --warmup 200ms --rate 50".split(" ");

let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "target-"))));
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

/** True if the last count of clients that `serve` printed is zero. A poll that its DELETE overtook is refused later. */
const haveAllLeft = (out: string): boolean => /^.* (\d+) connected: /s.exec(out)?.[1] === "0";

const rows = (file: string): Record<string, string>[] => parse(readFileSync(join(folder, file)), { columns: true });

it("measures a running server three times, and each run closes all its connections", async () => {
  const server = await startServeScript("--transport", "ws");
  const target = authority(server.address);
  for (const [scenario, expected] of [
    ["chat-100", "500"],
    ["chat-100", "500"],
    ["echo", "25"],
  ] as const) {
    const out = `${scenario}-${server.seen.out.length}.csv`;
    const args = [...quick, "--scenario", scenario, "--target", target, "--transports", "ws"];
    const { code } = startScript("bench.js", [...args, "--out", join(folder, out)], { BENCH_MARK: folder });
    expect(await code).toBe(0);
    const [row] = rows(out);
    expect(row).toMatchObject({ network: "target 127.0.0.1", sent: "25", expected, delivered: expected });
    for (const name of ["lost", "duplicated", "reordered", "corrupted", "unexpected"]) expect(row![name]).toBe("0");
    await until(() => haveAllLeft(server.seen.out), "all clients have left");
    expect(leftovers(folder)).toEqual([]);
  }
}, 60_000);

it("closes its connections when it is interrupted", async () => {
  const server = await startServeScript("--transport", "long-poll");
  const target = authority(server.address);
  const args = ["--scenario", "chat-100", "--duration", "60s", "--target", target, "--transports", "long-poll"];
  const { child, code } = startScript("bench.js", [...args, "--out", join(folder, "b.csv")]);
  await until(() => server.seen.out.includes("  100 connected"), "all clients are connected", 30_000);
  child.kill("SIGINT");
  expect(await code).toBe(130);
  await until(() => haveAllLeft(server.seen.out), "all clients have left");
}, 60_000);

it("writes a failed row when the server stops", async () => {
  const server = await startServeScript("--transport", "ws");
  const target = authority(server.address);
  const args = ["--scenario", "chat-100", "--duration", "60s", "--target", target, "--transports", "ws"];
  const { code } = startScript("bench.js", [...args, "--out", join(folder, "c.csv")]);
  await until(() => server.seen.out.includes("  100 connected"), "all clients are connected", 30_000);
  server.child.kill("SIGINT");
  expect(await code).toBe(1);
  const [row] = rows("c.csv");
  expect(row).toMatchObject({
    status: "failed",
    error: expect.stringMatching(/^100 of 100 clients lost their connection/),
    sent: "",
  });
}, 60_000);

async function bench(args: readonly string[], out: string) {
  const { seen, code } = startScript("bench.js", [...quick, ...args, "--out", join(folder, out)]);
  const exit = await code;
  return { code: exit, ...seen, rows: () => rows(out) };
}

it("leaves the cells empty that only the server can measure, and records the address of the server", async () => {
  const { address } = await startServeScript("--transport", "long-poll");
  const target = authority(address);
  const measured = await bench(["--scenario", "chat-100", "--target", target, "--transports", "long-poll"], "a.csv");
  const [row] = measured.rows();
  const empty = Object.keys(columns).filter((name) =>
    /^server_|^empty_poll_bytes|^tcp_|bottleneck|overflows|drops|other_cpu/.test(name),
  );
  expect(empty).toHaveLength(20);
  for (const name of empty) expect([name, row![name]]).toEqual([name, ""]);
  expect(row).toMatchObject({ bytes_counted_at: "clients" });
  const counted = Object.keys(columns).filter((name) =>
    /^(wire|payload|overhead|connect)_bytes_(in|out|per)|polls_answered|per_poll$/.test(name),
  );
  expect(counted).toHaveLength(10);
  for (const name of [...counted, "latency_p50_us", "connect_p50_ms", "client_cpu_percent", "deliveries_per_s"])
    expect(Number(row![name])).toBeGreaterThan(0);
  const record = JSON.parse(readFileSync(join(folder, "a.json"), "utf8"));
  expect(record.trials[0].target).toEqual({ title: target, addresses: [target] });
}, 60_000);

it.each([
  ["two transports", ["--transports", "ws,tcp"], /^A target has one transport, and --transports names 2: name one/],
  ["no transport", [], /does not say which transport it is: name it/],
  [
    "no server at the address",
    ["--transports", "ws"],
    /^127\.0\.0\.1:1 cannot be joined \(.*ECONNREFUSED.*\)\. Nothing listens there: /,
  ],
  [
    "a baseline",
    ["--transports", "ws", "--baseline", "main"],
    /^--target <url> cannot be given together with --baseline/,
  ],
])("refuses %s in one sentence, with exit 2", async (_, args, sentence) => {
  const refused = await bench(["--scenario", "chat-100", "--target", "127.0.0.1:1", ...args], "d.csv");
  expect(refused.err).toMatch(sentence);
  expect(refused.code).toBe(2);
  expect(refused.rows).toThrow(/no such file/);
});
