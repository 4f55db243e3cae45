import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Address } from "../contract.ts";
import type { NetworkConditions } from "../lib/network-conditions.ts";
import { readProcess } from "../lib/processes.ts";
import { until } from "../lib/until.ts";
import { nearNetwork } from "../testing/near-network.ts";
import { openNetwork, type TrialNetwork } from "./trial-network.ts";

let server: Server;
let accepted: Socket[];
let network: TrialNetwork | undefined;
beforeEach(async () => {
  accepted = [];
  server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    socket.on("error", () => undefined).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  await network?.close();
  for (const socket of accepted) socket.destroy();
  server.close();
});

/** Addresses of so many clients of the echo, behind a proxy. */
async function reach(clients: number, changes: Partial<NetworkConditions> = {}): Promise<readonly Address[]> {
  network = await openNetwork({ conditions: { ...nearNetwork, ...changes }, by: "proxy", seed: 1, clients });
  return network.reach([{ host: "127.0.0.1", port: (server.address() as AddressInfo).port }], clients);
}

function join({ host, port }: Address): Socket {
  return connect({ host, port, noDelay: true, allowHalfOpen: true }).on("error", () => undefined);
}

/** Sends bytes and waits until as many are back. Milliseconds that it took. */
async function exchange(socket: Socket, bytes: Buffer): Promise<number> {
  const startMs = performance.now();
  socket.write(bytes);
  for (let back = 0; back < bytes.length;) back += ((await once(socket, "data")) as [Buffer])[0].length;
  return performance.now() - startMs;
}

test("a proxy of 20 ms lets no byte pass earlier, opens the connection after the round trip, and says how late it was", async () => {
  const [to] = await reach(1);
  const socket = join(to!);
  expect(await exchange(socket, Buffer.from("first"))).toBeGreaterThanOrEqual(40); // with the handshake
  for (let i = 0; i < 20; i++) expect(await exchange(socket, Buffer.alloc(5_000, i))).toBeGreaterThanOrEqual(20);
  expect(await network!.state()).toMatchObject({ links: 1, lost: 0, dropped: 0, overrun: 0 });
  expect((await network!.state()).cpuUs).toBeGreaterThan(0);
  socket.destroy();
});

test("each client has a link of its own: what one sends does not delay another", async () => {
  const clients = await reach(2, { rttMs: 2, rate: { downBitsPerS: 1e6, upBitsPerS: 1e6 } });
  const [busy, quiet] = clients.map(join) as [Socket, Socket];
  await Promise.all([exchange(busy, Buffer.from("a")), exchange(quiet, Buffer.from("b"))]);
  const filling = exchange(busy, Buffer.alloc(25_000));
  await exchange(quiet, Buffer.from("b"));
  const fromMs = performance.now();
  expect(await filling).toBeGreaterThan(200); // 25,000 bytes at 1 Mbit/s
  expect(performance.now() - fromMs).toBeGreaterThan(100);
  for (const socket of [busy, quiet]) socket.destroy();
});

test("the end and the reset of a connection pass the proxy, after what was sent before", async () => {
  const [to] = await reach(1);
  const [ending, resetting] = [join(to!), join(to!)];
  await exchange(ending, Buffer.from("a"));
  ending.end("last");
  expect(String(((await once(ending, "data")) as [Buffer])[0])).toBe("last");
  await once(ending, "end");
  await exchange(resetting, Buffer.from("a"));
  const atServer = new Promise((resolve) => accepted[1]!.on("error", resolve));
  resetting.resetAndDestroy();
  expect(await atServer).toMatchObject({ code: "ECONNRESET" });
});

test("a client that does not read holds up the server, and not the memory of the proxy", async () => {
  const [to] = await reach(1);
  const socket = join(to!);
  await exchange(socket, Buffer.from("a"));
  socket.pause();
  const from = accepted[0]!.unpipe();
  let sent = 0;
  const block = Buffer.alloc(1_000_000);
  while (sent < 100 && from.write(block)) sent++;
  for (; sent < 100; sent++) {
    const drained = await Promise.race([
      once(from, "drain"),
      new Promise((resolve) => setTimeout(resolve, 500, "held")),
    ]);
    if (drained === "held") break;
    from.write(block);
  }
  expect(sent).toBeLessThan(100);
  socket.destroy();
});

test("is noticed when it is killed, and is gone when the process that opened it is killed", async () => {
  await reach(1);
  network!.emulator!.signal("SIGKILL");
  await expect(network!.emulator!.ended).rejects.toThrow("the network proxy process was killed by SIGKILL");
  const request = JSON.stringify({ conditions: nearNetwork, by: "proxy", seed: 1, clients: 1 });
  const module = fileURLToPath(new URL("../testing/network-owner.js", import.meta.url));
  const owner = spawn(process.execPath, [module, request], { stdio: ["ignore", "pipe", "inherit"] });
  const pid = Number(String(((await once(owner.stdout, "data")) as [Buffer])[0]));
  const isGone = (): boolean => readProcess(pid)?.ended ?? true;
  expect(isGone()).toBe(false);
  owner.kill("SIGKILL");
  await until(isGone, "the proxy has ended");
});
