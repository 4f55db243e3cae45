import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { tlsOptions } from "../../clients/lib/net/tls-options.ts";
import type { Address } from "../contract.ts";
import type { RawSender, Relay } from "./relay.ts";

/** A TCP relay in front of an address. */
export async function openTcpRelay(to: Address): Promise<Relay & Required<Pick<Relay, "reset">>> {
  const pairs: { client: Socket; server: Socket }[] = [];
  let opening = Buffer.alloc(0);
  // Half-open on both sides: the last bytes of one side still pass after the other side has ended.
  const relay = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ ...to, allowHalfOpen: true });
    pairs.push({ client, server });
    for (const socket of [client, server]) socket.on("error", () => undefined).setNoDelay(true);
    if (pairs.length === 1) client.once("data", (bytes) => (opening = bytes));
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const bytesRead = (side: "client" | "server") => () => pairs.reduce((sum, pair) => sum + pair[side].bytesRead, 0);
  return {
    address: { ...to, host: "127.0.0.1", port: (relay.address() as AddressInfo).port },
    in: bytesRead("client"),
    out: bytesRead("server"),
    connections: () => pairs.length,
    opening: () => opening,
    reset() {
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.resetAndDestroy();
    },
    close() {
      relay.close();
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.destroy();
    },
  };
}

/**
 * Connects, sends `bytes` and keeps the connection open; `leave` resets it. If the server speaks TLS, a second
 * connection sends the same bytes after a TLS handshake.
 */
export function sendRawTcp(address: Address, bytes: Buffer | string): RawSender {
  const { host, port, certificate } = address;
  const plain = connect({ host, port });
  const sockets = [plain];
  plain.once("connect", () => void plain.write(bytes)).resume();
  if (certificate !== undefined) {
    const raw = connect({ host, port });
    const tls = connectTls({ socket: raw, host, ...tlsOptions(address) }, () => void tls.write(bytes));
    tls.on("error", () => undefined).resume();
    sockets.push(raw);
  }
  for (const socket of sockets) socket.on("error", () => undefined);
  return { leave: () => sockets.forEach((socket) => socket.resetAndDestroy()) };
}
