import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { clientHost, serverHost, type NetworkConditions } from "../lib/network-conditions.ts";
import { readProcess } from "../lib/processes.ts";
import { until } from "../lib/until.ts";
import { nearNetwork } from "../testing/near-network.ts";
import type { DatagramCalls } from "../testing/datagrams.ts";
import { startChild, type Child } from "./ipc.ts";
import { chooseBackend } from "./network-backends.ts";
import type { NetworkNamespace } from "./network-namespace.ts";
import { openNetwork } from "./trial-network.ts";

const unavailable = await chooseBackend(nearNetwork, "tun").then(
  () => undefined,
  (error: Error) => error.message,
);
const helper = new URL("../testing/datagrams.js", import.meta.url);
const ownerModule = new URL("../testing/network-owner.js", import.meta.url);
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close();
});

/** A network with an observer at either end. */
async function observed(changes: Partial<NetworkConditions>, seed = 1) {
  const network = await openNetwork({ conditions: { ...nearNetwork, ...changes }, by: "tun", seed, clients: 1 });
  opened.push(network);
  const observer = (inside: NetworkNamespace): Child<DatagramCalls> => {
    const child = startChild<DatagramCalls>("an observer", helper, inside.execPrefix);
    opened.push({ close: () => child.kill() });
    return child;
  };
  const [server, client] = [observer(network.sides!.servers), observer(network.sides!.clients)];
  const port = await server.call("echo", serverHost());
  const send = (count: number) =>
    client.call("send", { from: clientHost(300), to: { host: serverHost(), port }, count, waitMs: 500 });
  return { network, send };
}

/** True if no process of this number runs. */
function isGone(pid: number): boolean {
  return readProcess(pid)?.ended ?? true;
}

describe.skipIf(unavailable !== undefined)("a network by the tun emulator", { timeout: 60_000 }, () => {
  test("lets no datagram arrive before its round trip, loses none and keeps the order, also under jitter", async () => {
    const { network, send } = await observed({ jitterMs: 10 });
    const { back, shortestMs } = await send(300);
    expect(back).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(shortestMs).toBeGreaterThanOrEqual(10);
    const { offered, lost, dropped, links, overrun, refused } = await network.state();
    expect({ offered, lost, dropped, links, overrun, refused }).toEqual({
      offered: 600,
      lost: 0,
      dropped: 0,
      links: 1,
      overrun: 0,
      refused: 0,
    });
  });

  test("loses as many datagrams as it says, and the same ones with the same seed", async () => {
    const runs = [];
    for (const seed of [1, 1, 2]) {
      const { network, send } = await observed({ lossShare: 0.05 }, seed);
      const { back } = await send(300);
      const { lost } = await network.state();
      expect(lost).toBe(300 - back.length);
      expect(lost).toBeGreaterThan(0);
      runs.push(back.join());
    }
    expect(runs[0]).toBe(runs[1]);
    expect(runs[0]).not.toBe(runs[2]);
  });

  test("drops what does not fit in front of a narrow link", async () => {
    const { network, send } = await observed({ rate: { downBitsPerS: 1e6, upBitsPerS: 50e3 }, queueMs: 100 });
    const { back } = await send(300);
    const { dropped } = await network.state();
    expect(dropped).toBe(300 - back.length);
    expect(dropped).toBeGreaterThan(0);
  });

  test("is noticed when its emulator is killed", async () => {
    const { network } = await observed({});
    network.emulator!.signal("SIGKILL");
    await expect(network.emulator!.ended).rejects.toThrow("the network emulator process was killed by SIGKILL");
  });

  test("leaves nothing behind when the process that opened it is killed", async () => {
    const request = JSON.stringify({ conditions: nearNetwork, by: "tun", seed: 1, clients: 1 });
    const owner = spawn(process.execPath, [fileURLToPath(ownerModule), request], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(owner.stdout, "data")) as [Buffer];
    const pids = String(line).trim().split(" ").map(Number);
    expect(pids.map(isGone)).toEqual([false, false, false]);
    owner.kill("SIGKILL");
    await until(() => pids.every(isGone), "the processes of the network end");
  });
});
