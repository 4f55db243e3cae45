import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createSocket } from "node:dgram";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { boundUdpPorts, listeningPorts } from "./listening-ports.ts";

/** A folder in the place of /proc. */
let proc: string;

beforeEach(() => mkdirSync(join((proc = mkdtempSync(join(tmpdir(), "proc-"))), "self/net"), { recursive: true }));
afterEach(() => rmSync(proc, { recursive: true }));

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (local: string, state: string): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 555 1 0000 100 0 0 10 0\n`;

function writeTable(name: string, ...lines: string[]): void {
  writeFileSync(join(proc, "self/net", name), head + lines.join(""));
}

it("TCP ports count where a socket listens, of IPv4 and IPv6", () => {
  expect(listeningPorts(proc)).toBeUndefined();
  writeTable("tcp", line("0100007F:1F90", "0A"), line("0100007F:0050", "01"));
  writeTable("tcp6", line("00000000000000000000000000000000:0BB8", "0A"));
  expect(listeningPorts(proc)).toEqual(new Set([8080, 3000]));
});

it("UDP ports count where a socket is bound, and a machine may have no IPv6", () => {
  writeTable("udp", line("00000000:4651", "07"));
  expect(boundUdpPorts(proc)).toEqual(new Set([18001]));
  expect(listeningPorts(proc)).toBeUndefined();
});

it.runIf(existsSync("/proc"))("sees the ports of this machine", async () => {
  const [server, socket] = [createServer(), createSocket("udp4")];
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  expect(listeningPorts()).toContain((server.address() as AddressInfo).port);
  expect(boundUdpPorts()).toContain(socket.address().port);
  server.close();
  socket.close();
});
