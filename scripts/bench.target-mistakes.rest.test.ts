import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it } from "vitest";
import { columns } from "../results/columns.ts";
import { authority } from "../scenarios/addresses.ts";
import { endAll, start, startServer } from "./lib/spawned.ts";

const quick = "--clients 20 --duration 500ms --warmup 200ms --rate 50".split(" ");

let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "target-"))));
afterEach(() => {
  endAll();
  rmSync(folder, { recursive: true });
});

async function bench(args: readonly string[], out: string) {
  const { seen, code } = start("bench.js", [...quick, ...args, "--out", join(folder, out)]);
  const exit = await code;
  const rows = (): Record<string, string>[] => parse(readFileSync(join(folder, out)), { columns: true });
  return { code: exit, ...seen, rows };
}

it("leaves empty what only the server knows, and records where it was", async () => {
  const { address } = await startServer("--transport", "long-poll");
  const target = authority(address);
  const { rows } = await bench(["--scenario", "chat-100", "--target", target, "--transports", "long-poll"], "a.csv");
  const [row] = rows();
  const empty = Object.keys(columns).filter((name) =>
    /^server_|^(wire|payload|overhead|connect)_bytes_(in|out|per)|exchange|^tcp_|limited_by|overflows|drops|foreign/.test(
      name,
    ),
  );
  expect(empty.length).toBeGreaterThan(20);
  for (const name of empty) expect([name, row![name]]).toEqual([name, ""]);
  for (const name of ["latency_p50_us", "connect_p50_ms", "client_cpu_percent", "deliveries_per_s"])
    expect(Number(row![name])).toBeGreaterThan(0);
  const record = JSON.parse(readFileSync(join(folder, "a.json"), "utf8"));
  expect(record.trials[0].target).toEqual(address);
}, 60_000);

it.each([
  ["two transports", ["--transports", "ws,tcp"], /speaks one transport: say which, --transports ws\.\n$/],
  ["no transport", [], /speaks one transport: say which/],
  [
    "nobody there",
    ["--transports", "ws"],
    /^127\.0\.0\.1:1 cannot be joined \(.*ECONNREFUSED.*\)\. Is it a server for ws, /,
  ],
  [
    "a search",
    ["--transports", "ws", "--until", "p99=1s"],
    /'--target <host:port>' cannot be used with option '--until/,
  ],
])("says in one sentence what is wrong with %s", async (_, args, sentence) => {
  const { code, err, rows } = await bench(["--scenario", "chat-100", "--target", "127.0.0.1:1", ...args], "d.csv");
  expect(err).toMatch(sentence);
  expect(code).toBe(2);
  expect(rows).toThrow(/no such file/);
});
