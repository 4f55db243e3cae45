import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { Address } from "../../../scenarios/contract.ts";

/** A TCP relay in front of an address, whose connections a test can break. */
export interface CuttableRelay {
  /** Address to which clients connect. */
  address: Address;
  /** Address of the server for new connections. */
  to: Address;
  /** True if new connections are reset as soon as they are open. */
  resets: boolean;
  /** Number of client connections so far. */
  connections(): number;
  /** Resets all connections, at both ends. */
  cut(): void;
  /** From now on new connections are refused, until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a relay on a free port. */
export async function openCuttableRelay(to: Address): Promise<CuttableRelay> {
  const sockets = new Set<Socket>();
  let port = 0;
  let connections = 0;
  const relay = createServer({ allowHalfOpen: true }, (client) => {
    connections++;
    client.on("error", () => undefined).setNoDelay(true);
    if (opened.resets) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ ...opened.to, allowHalfOpen: true }).setNoDelay(true);
    for (const socket of [client, server.on("error", () => undefined)]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    client.pipe(server).pipe(client);
  });
  const accept = (): Promise<void> => new Promise((resolve) => relay.listen(port, "127.0.0.1", resolve));
  const cut = (): void => sockets.forEach((socket) => socket.resetAndDestroy());
  /** The relay stops to listen before its connections have ended. */
  const refuse = (): Promise<void> => {
    const closed = new Promise<void>((resolve) => relay.close(() => resolve()));
    cut();
    return closed;
  };
  await accept();
  port = (relay.address() as AddressInfo).port;
  const opened: CuttableRelay = {
    address: { ...to, host: "127.0.0.1", port },
    to,
    resets: false,
    connections: () => connections,
    cut,
    refuse,
    accept,
    close: refuse,
  };
  return opened;
}
