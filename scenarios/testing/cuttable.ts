import { openTcpRelay } from "../conformance/tcp-relay.ts";
import type { App, Connection, Options } from "../contract.ts";
import { apps } from "../definitions/apps.ts";
import { loadTransport, optionsFor } from "../transports/load-transport.ts";

/** A client of a cuttable server: what it was told, and the messages that it has received. */
export interface CuttableClient {
  connection: Connection;
  /** "lost", "back", "resumed" and "closed" in their order. */
  told: string[];
  received: string[];
}

/** The group chat of a transport, behind a relay that can reset all connections. */
export interface Cuttable {
  /** "join" and "leave" of the application, in their order. */
  seen: string[];
  cut(): void;
  /** Connects a client through the relay, and enters it into the room. */
  enter(reconnect?: Options["reconnect"]): Promise<CuttableClient>;
  /** Connects a client past the relay, and enters it into the room. */
  enterDirectly(): Promise<CuttableClient>;
  close(): Promise<void>;
}

/** Starts the server of the transport with this name, and a relay in front of it. `changes` are to the default options. */
export async function openCuttable(name: string, changes: Partial<Options> = {}): Promise<Cuttable> {
  const transport = await loadTransport(name);
  const [{ default: serve }, { default: connect }] = await Promise.all([transport.server(), transport.client()]);
  const options = optionsFor(transport, changes);
  const seen: string[] = [];
  const server = await serve(watched(seen), options);
  const relay = await openTcpRelay(server.addresses[0]!);

  async function enter(address = relay.address, reconnect?: Options["reconnect"]): Promise<CuttableClient> {
    const [told, received]: string[][] = [[], []];
    const handler = {
      receive: (payload: Buffer) => void received!.push(payload.toString()),
      closed: (error?: Error) => void told!.push(error ? "broken" : "closed"),
      lost: () => void told!.push("lost"),
      back: (resumed: boolean) => void told!.push(resumed ? "resumed" : "back"),
    };
    const connection = await connect(address, handler, { ...options, ...(reconnect && { reconnect }) });
    connection.send(Buffer.from("room 1"), true);
    return { connection, told: told!, received: received! };
  }

  return {
    seen,
    cut: relay.reset,
    enter: (reconnect) => enter(relay.address, reconnect),
    enterDirectly: () => enter(server.addresses[0]),
    async close() {
      relay.close();
      await server.close();
    },
  };
}

/** The group chat, with a note of who comes and goes. */
function watched(seen: string[]): App {
  return (openRoom) => {
    const chat = apps.chat(openRoom);
    return {
      ...chat,
      join(connection) {
        seen.push("join");
        chat.join(connection);
      },
      leave(connection) {
        seen.push("leave");
        chat.leave(connection);
      },
    };
  };
}
