import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it } from "vitest";
import { authority } from "../scenarios/addresses.ts";
import { until } from "../scenarios/conformance/kit.ts";
import { endAll, leftovers, start, startServer } from "./lib/spawned.ts";

const quick = "--clients 20 --duration 500ms --warmup 200ms --rate 50".split(" ");

let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "target-"))));
afterEach(() => {
  endAll();
  rmSync(folder, { recursive: true });
});

const rows = (file: string): Record<string, string>[] => parse(readFileSync(join(folder, file)), { columns: true });

it("drives a server that runs elsewhere, one run after the other, and leaves it as it was", async () => {
  const server = await startServer("--transport", "ws");
  const target = authority(server.address);
  for (const [scenario, expected] of [
    ["chat-100", "500"],
    ["chat-100", "500"],
    ["echo", "25"],
  ] as const) {
    const out = `${scenario}-${server.seen.out.length}.csv`;
    const args = [...quick, "--scenario", scenario, "--target", target, "--transports", "ws"];
    const { code } = start("bench.js", [...args, "--out", join(folder, out)], { BENCH_MARK: folder });
    expect(await code).toBe(0);
    const [row] = rows(out);
    expect(row).toMatchObject({ network: "target 127.0.0.1", sent: "25", expected, delivered: expected });
    for (const name of ["lost", "duplicated", "reordered", "corrupted", "unexpected"]) expect(row![name]).toBe("0");
    await until(() => /  0 here: [^\n]*\n$/.test(server.seen.out), "everybody has left");
    expect(leftovers(folder)).toEqual([]);
  }
}, 60_000);

it("takes its clients away when it is interrupted", async () => {
  const server = await startServer("--transport", "long-poll");
  const target = authority(server.address);
  const args = ["--scenario", "chat-100", "--duration", "60s", "--target", target, "--transports", "long-poll"];
  const { child, code } = start("bench.js", [...args, "--out", join(folder, "b.csv")]);
  await until(() => server.seen.out.includes("  100 here"), "all clients are there", 30_000);
  child.kill("SIGINT");
  expect(await code).toBe(130);
  await until(() => /  0 here: [^\n]*\n$/.test(server.seen.out), "everybody has left");
}, 60_000);

it("fails the row where the server goes away", async () => {
  const server = await startServer("--transport", "ws");
  const target = authority(server.address);
  const args = ["--scenario", "chat-100", "--duration", "60s", "--target", target, "--transports", "ws"];
  const { code } = start("bench.js", [...args, "--out", join(folder, "c.csv")]);
  await until(() => server.seen.out.includes("  100 here"), "all clients are there", 30_000);
  server.child.kill("SIGINT");
  expect(await code).toBe(1);
  const [row] = rows("c.csv");
  expect(row).toMatchObject({ status: "failed", error: expect.stringMatching(/lost its link/), sent: "" });
}, 60_000);
