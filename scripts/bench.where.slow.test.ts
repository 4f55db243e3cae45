import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it } from "vitest";
import { projectFolder } from "../results/model/environment.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

const quick = "--scenario echo --clients 5 --duration 500ms --warmup 200ms --rate 50 --out out.csv --force".split(" ");

let folder: string;
let other: Server;
let connections = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "fresh 26 ü "));
  connections = 0;
  other = createServer((socket) => {
    connections++;
    socket.on("error", () => undefined).end();
  }).listen(0, "127.0.0.1");
  await once(other, "listening");
});
afterEach(() => {
  endAllScripts();
  other.close();
  rmSync(folder, { recursive: true });
});

const port = (): number => (other.address() as AddressInfo).port;

async function bench(args: readonly string[], env: Record<string, string> = {}) {
  const { seen, code } = startScript("bench.js", [...quick, ...args], { INIT_CWD: folder, ...env }, folder);
  const exit = await code;
  const row = (parse(readFileSync(join(folder, "out.csv")), { columns: true }) as Record<string, string>[])[0];
  return { exit, row, ...seen };
}

it.each(["grpc", "socket.io-default", "long-poll-library", "mqtt", "ws-library"])(
  "%s takes no proxy to our own server",
  async (name) => {
    const names = ["http_proxy", "https_proxy", "all_proxy", "grpc_proxy", "ws_proxy"];
    const proxies = [...names, ...names.map((each) => each.toUpperCase())];
    const env = Object.fromEntries(proxies.map((each) => [each, `http://127.0.0.1:${port()}`]));
    const { exit, row } = await bench(["--transports", name, "--host-network"], { ...env, NODE_USE_ENV_PROXY: "1" });
    expect([exit === 0 || exit === 3, row?.["lost"], row?.["error"]]).toEqual([true, "0", ""]);
    expect(connections).toBe(0);
  },
  60_000,
);

it("--host-network lets a server reach another on this machine; without it the failed row names the option", async () => {
  const template = readFileSync(join(projectFolder, "scripts/lib/template/module.js"), "utf8");
  const asking = `await new Promise((resolve, reject) => dial(${port()}, "127.0.0.1").on("error", reject).on("close", resolve));`;
  const start = "async function serve(app, options) {";
  expect(template).toContain(start);
  writeFileSync(join(folder, "mine.mjs"), template.replace(start, `${start}\n  ${asking}`));
  const inside = await bench(["--transports", "./mine.mjs", "--host-network"]);
  expect(inside.row).toMatchObject({ error: "", lost: "0", tcp_segments_per_delivery: "" });
  expect(connections).toBe(1);
  const alone = await bench(["--transports", "./mine.mjs"]);
  // Where no namespace is allowed, the trial succeeds.
  expect([alone.row?.["error"], connections]).toBeOneOf([
    [expect.stringMatching(/ECONNREFUSED .*\. A trial has a network of its own, .* give --host-network\.$/), 1],
    ["", 2],
  ]);
}, 60_000);

it("runs large payloads in little memory", async () => {
  const large = ["--transports", "tcp", "--payload-bytes", "16MiB", "--rate", "2", "--clients", "2"];
  const { row } = await bench(large);
  expect(row).toMatchObject({ error: "", lost: "0" });
  expect(Number(row?.["server_rss_mib"])).toBeLessThan(500);
}, 60_000);
