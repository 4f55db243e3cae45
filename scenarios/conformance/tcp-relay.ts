import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { tlsOptions } from "../../clients/lib/net/tls-options.ts";
import type { Address } from "../contract.ts";

/** Something between clients and a server that passes all on, and counts the bytes either side has said. */
export interface TcpRelay {
  address: Address;
  in(): number;
  out(): number;
  /** How many there were so far. */
  connections(): number;
  /** What a client said first that came first. */
  opening?(): Buffer;
  close(): void;
}

/** A TCP relay in front of an address. */
export async function openTcpRelay(to: Address): Promise<TcpRelay> {
  const ends: { client: Socket; server: Socket }[] = [];
  let opening = Buffer.alloc(0);
  const relay = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ ...to, allowHalfOpen: true }); // so that each side's last bytes pass when the other has ended
    ends.push({ client, server });
    for (const end of [client, server]) end.on("error", () => undefined).setNoDelay(true);
    if (ends.length === 1) client.once("data", (bytes) => (opening = bytes));
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const sum = (end: "client" | "server") => () => ends.reduce((bytes, pair) => bytes + pair[end].bytesRead, 0);
  return {
    address: { ...to, host: "127.0.0.1", port: (relay.address() as AddressInfo).port },
    in: sum("client"),
    out: sum("server"),
    connections: () => ends.length,
    opening: () => opening,
    close() {
      relay.close();
      for (const pair of ends) for (const end of [pair.client, pair.server]) end.destroy();
    },
  };
}

/** Somebody who connects and says `bytes`, until it leaves with a reset; where TLS is due, one who says it in clear and one who shakes hands. */
export function sendRawTcp(address: Address, bytes: Buffer | string): { leave(): void } {
  const { host, port, certificate } = address;
  const sockets = [connect({ host, port })];
  sockets[0]!.once("connect", () => void sockets[0]!.write(bytes));
  if (certificate !== undefined) {
    const raw = connect({ host, port });
    const secure = connectTls({ socket: raw, host, ...tlsOptions(address) }, () => void secure.write(bytes));
    secure.on("error", () => undefined).resume();
    sockets.push(raw);
  }
  for (const socket of sockets) socket.on("error", () => undefined);
  sockets[0]!.resume();
  return { leave: () => sockets.forEach((socket) => socket.resetAndDestroy()) };
}
