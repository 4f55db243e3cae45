import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseNetworks } from "../scenarios/definitions/network.ts";
import { readProc } from "../scenarios/lib/processes.ts";
import { until } from "../scenarios/lib/until.ts";
import { chooseBackend } from "../scenarios/system/network-backends.ts";
import { endAllScripts, leftovers, startScript } from "./lib/spawn-script.ts";

vi.setConfig({ testTimeout: 120_000 });

const { conditions } = parseNetworks("--network", "rtt=20ms")[0]!;
const unavailable = await chooseBackend(conditions, "tun").then(
  () => undefined,
  (error: Error) => error.message,
);

let folder: string;
let mark: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "network-"));
  mark = `network-${process.pid}-${folder}`;
});
afterEach(() => {
  endAllScripts();
  for (const pid of leftovers(mark)) process.kill(Number(pid), "SIGKILL");
  rmSync(folder, { recursive: true });
});

function bench(...args: string[]) {
  const load = "--scenario echo --clients 5 --rate 25 --warmup 500ms --out out.csv".split(" ");
  return startScript("bench.js", [...load, ...args], { INIT_CWD: folder, BENCH_MARK: mark }, folder);
}

const rows = (): Record<string, string>[] => parse(readFileSync(join(folder, "out.csv")), { columns: true });
const expectNothingLeft = (): Promise<void> => until(() => leftovers(mark).length === 0, "every process has ended");

/** The arguments of a network of 20 ms. */
const far = (by: string): string[] => ["--network", "rtt=20ms", "--network-by", by];

/** A run of a minute whose processes have started. */
async function startLong(by: string) {
  const running = bench("--transports", "ws", ...far(by), "--duration", "60s", "--force");
  await until(() => leftovers(mark).length >= 4, "server, worker and emulator run", 60_000);
  return running;
}

/** The signal leaves no process behind. */
async function expectGoneAfter(signal: NodeJS.Signals, by: string): Promise<void> {
  const running = await startLong(by);
  running.child.kill(signal);
  await running.code;
  await expectNothingLeft();
}

/** The end of the process that is the path is a failed row that names it. */
async function expectFailsWithout(module: string, by: string): Promise<string | undefined> {
  const running = await startLong(by);
  const isPath = (pid: string): boolean => readProc(`/proc/${pid}/cmdline`)?.includes(module) ?? false;
  await until(() => leftovers(mark).some(isPath), "the path runs", 60_000);
  process.kill(Number(leftovers(mark).find(isPath)), "SIGKILL");
  expect(await running.code).toBe(1);
  await expectNothingLeft();
  expect(rows()).toMatchObject([{ status: "failed", network_by: by, network_rtt_us: "" }]);
  return rows()[0]!["error"];
}

describe.skipIf(unavailable !== undefined)("a network of 20 ms by the tun emulator", () => {
  it("is between every transport's clients and its server, and the row measures it", async () => {
    await bench("--transports", "ws,udp,long-poll", ...far("tun"), "--duration", "2s").code;
    expect(rows().map(({ transport }) => transport)).toEqual(["ws", "udp", "long-poll"]);
    for (const row of rows()) {
      expect(row).toMatchObject({ network_by: "tun", sent: "50", lost: "0", network_lost_percent: "0" });
      expect(row["network"]).toMatch(/^rtt=20ms,cc=\w+$/);
      expect(Number(row["network_rtt_us"])).toBeGreaterThanOrEqual(20_000);
      expect(Number(row["latency_min_us"])).toBeGreaterThanOrEqual(20_000);
    }
    await expectNothingLeft();
  });

  it("is one of several, and their rows have different networks", async () => {
    const several = ["--network", "loopback,rtt=20ms,loss=1%", "--network-by", "tun"];
    await bench("--transports", "ws", ...several, "--duration", "1s").code;
    const networks = rows().map(({ network, network_by }) => `${network?.split(",cc=")[0]} by ${network_by}`);
    expect(networks).toEqual(["loopback by none", "rtt=20ms,loss=1% by tun"]);
  });

  it("loses the same datagrams for the same seed, and others for another", async () => {
    const lossesOf = async (seed: string): Promise<Record<string, string>> => {
      const load = ["--transports", "udp", "--network", "rtt=20ms,loss=5%", "--duration", "4s", "--seed", seed];
      await bench(...load, "--force").code;
      const { sent, lost, network_lost_percent: percent } = rows()[0]!;
      return { sent, lost, percent } as Record<string, string>;
    };
    const first = await lossesOf("7");
    expect(Number(first["lost"])).toBeGreaterThan(0);
    expect(await lossesOf("7")).toEqual(first);
    expect(await lossesOf("8")).not.toEqual(first);
  });

  it("is gone after Ctrl-C, and after SIGKILL of the bench", async () => {
    for (const signal of ["SIGINT", "SIGKILL"] as const) await expectGoneAfter(signal, "tun");
  });

  it("fails its row when the emulator is killed", async () => {
    const error = await expectFailsWithout("emulator-process.js", "tun");
    expect(error).toBe("the network emulator process was killed by SIGKILL");
  });
});

describe("a network of 20 ms by the proxy", () => {
  it("needs no privileges, delays every connect, and leaves empty what only packets have", async () => {
    const names = ["ws", "ws+tls", "tcp", "long-poll", "grpc", "socket.io-default"];
    await bench("--transports", names.join(), ...far("proxy"), "--duration", "2s").code;
    expect(rows().map(({ transport }) => transport)).toEqual(names);
    for (const row of rows()) {
      expect(row).toMatchObject({ network_by: "proxy", sent: "50", lost: "0", network_lost_percent: "" });
      expect(row).toMatchObject({ tcp_segments_per_delivery: "", network_dropped: "" });
      expect(row["reasons"]).not.toContain("links");
      expect(Number(row["network_rtt_us"])).toBeGreaterThanOrEqual(20_000);
      expect(Number(row["latency_min_us"])).toBeGreaterThanOrEqual(20_000);
      expect(Number(row["connect_p50_ms"])).toBeGreaterThanOrEqual(row["transport"] === "tcp" ? 20 : 40);
      expect(row["network_late_us"]).not.toBe("");
    }
  });

  it("has the same bytes as the loopback", async () => {
    const both = ["--network", "loopback,rtt=20ms", "--network-by", "proxy"];
    await bench("--transports", "ws,long-poll,tcp", ...both, "--duration", "2s").code;
    const bytes = rows().map(({ connect_bytes_in, connect_bytes_out, overhead_bytes_per_send }) => [
      connect_bytes_in,
      connect_bytes_out,
      overhead_bytes_per_send,
    ]);
    expect(bytes.slice(3)).toEqual(bytes.slice(0, 3));
  });

  it("is also for clients that connect for each message", async () => {
    await bench("--scenario", "connect-per-message", "--transports", "ws", ...far("proxy"), "--duration", "2s").code;
    expect(rows()[0]).toMatchObject({ sent: "50", lost: "0", reasons: expect.not.stringContaining("links") });
  });

  it("is gone after Ctrl-C, and after SIGKILL of the bench", async () => {
    for (const signal of ["SIGINT", "SIGKILL"] as const) await expectGoneAfter(signal, "proxy");
  });

  it("fails its row when the proxy is killed", async () => {
    const error = await expectFailsWithout("proxy-process.js", "proxy");
    expect(error).toBe("the network proxy process was killed by SIGKILL");
  });
});
