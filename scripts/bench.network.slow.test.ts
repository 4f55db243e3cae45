import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseNetworks } from "../scenarios/definitions/network.ts";
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
  const load = "--scenario echo --clients 5 --rate 25 --warmup 500ms --out out.csv --network-by tun".split(" ");
  return startScript("bench.js", [...load, ...args], { INIT_CWD: folder, BENCH_MARK: mark }, folder);
}

const rows = (): Record<string, string>[] => parse(readFileSync(join(folder, "out.csv")), { columns: true });
const expectNothingLeft = (): Promise<void> => until(() => leftovers(mark).length === 0, "every process has ended");

describe.skipIf(unavailable !== undefined)("a network of 20 ms", () => {
  it("is between every transport's clients and its server, and the row measures it", async () => {
    await bench("--transports", "ws,udp,long-poll", "--network", "rtt=20ms", "--duration", "2s").code;
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
    await bench("--transports", "ws", "--network", "loopback,rtt=20ms,loss=1%", "--duration", "1s").code;
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
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      const running = bench("--transports", "ws", "--network", "rtt=20ms", "--duration", "60s", "--force");
      await until(() => leftovers(mark).length >= 4, "server, worker and emulator run", 60_000);
      running.child.kill(signal);
      await running.code;
      await expectNothingLeft();
    }
  });
});
