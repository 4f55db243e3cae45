import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { Address } from "../contract.ts";

/** Something between clients and a server that passes all on, and counts the bytes either side has said. */
export interface Relay {
  address: Address;
  in(): number;
  out(): number;
  close(): void;
}

/** A TCP relay in front of an address. */
export async function streamRelay(to: Address): Promise<Relay> {
  const ends: { client: Socket; server: Socket }[] = [];
  const relay = createServer((client) => {
    const server = connect(to);
    ends.push({ client, server });
    for (const end of [client, server]) end.on("error", () => undefined).setNoDelay(true);
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const sum = (end: "client" | "server") => () => ends.reduce((bytes, pair) => bytes + pair[end].bytesRead, 0);
  return {
    address: { host: "127.0.0.1", port: (relay.address() as AddressInfo).port },
    in: sum("client"),
    out: sum("server"),
    close() {
      relay.close();
      for (const pair of ends) for (const end of [pair.client, pair.server]) end.destroy();
    },
  };
}

/** Somebody who connects and says `bytes`, until it leaves with a reset. */
export function streamStranger(address: Address, bytes: Buffer | string): { leave(): void } {
  const socket = connect(address, () => void socket.write(bytes));
  socket.on("error", () => undefined);
  socket.resume();
  return { leave: () => socket.resetAndDestroy() };
}
