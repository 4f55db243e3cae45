import { once } from "node:events";
import { createServer, connect, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { countConnections, connectionsTo } from "./accepted-connections.ts";
import { until } from "../../scenarios/lib/until.ts";

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:0000000C 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:E5A2 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
   2: 0100007F:E5A2 0100007F:1F90 01 00000000:00000000 02:000A8C7A 00000000     0        0 4712 2 0 20 4 30 10 -1
   3: 0100007F:1F90 0100007F:E5A4 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0
   4: 0100007F:1F91 0100007F:E5A6 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 20 4 30 10 -1
`;

it("counts the open connections of a port once, and those that wait to be accepted", () => {
  expect(countConnections(0x1f90, table)).toEqual({ open: 1, waiting: 12 });
  expect(countConnections(0x1f91, table)).toEqual({ open: 1, waiting: 0 });
  expect(countConnections(0xe5a2, table)).toEqual({ open: 1, waiting: 0 });
  expect(countConnections(80, table)).toEqual({ open: 0, waiting: 0 });
});

it.runIf(process.platform === "linux")("sees connections as a server accepts them", async () => {
  const server = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sockets = Array.from({ length: 5 }, () => connect(port, "127.0.0.1"));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  expect(connectionsTo(port, process.pid).open).toBe(5);
  await until(() => connectionsTo(port, process.pid).waiting === 0, "all connections are accepted");
  for (const socket of sockets) socket.destroy();
  await until(() => connectionsTo(port, process.pid).open === 0, "all connections have ended");
  server.close();
  expect(connectionsTo(port, 2 ** 30)).toEqual({ open: 0, waiting: 0 });
});
