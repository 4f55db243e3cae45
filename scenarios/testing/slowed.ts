import { performance } from "node:perf_hooks";
import ws from "../../servers/ws.ts";
import type { App, Application, Connection, Room, Serve } from "../contract.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";

/**
 * Raw WebSocket whose server spends SLOWED_US (environment variable, default: 3) more microseconds of CPU on each
 * delivery.
 */
const serve: Serve = (app, options) => ws(slowed(app), options);

export default { ...transports.ws, server: () => Promise.resolve({ default: serve }) } satisfies Transport;

const extraUs = Number(process.env["SLOWED_US"] ?? 3);

function busyWait(deliveries: number): void {
  const endMs = performance.now() + (extraUs * deliveries) / 1000;
  while (performance.now() < endMs);
}

function slowed(app: App): App {
  return (openRoom) => {
    const rooms: Set<Connection>[] = [];
    const application = app(() => {
      const members = new Set<Connection>();
      rooms.push(members);
      return slowedRoom(openRoom(), members);
    });
    const join: Application["join"] = (connection) => {
      const send = connection.send.bind(connection);
      // The server half identifies connections by object, so they cannot be wrapped.
      connection.send = (payload, text) => {
        busyWait(1);
        send(payload, text);
      };
      application.join(connection);
    };
    const leave: Application["leave"] = (connection) => {
      for (const members of rooms) members.delete(connection);
      application.leave(connection);
    };
    return { ...application, join, leave };
  };
}

function slowedRoom(room: Room, members: Set<Connection>): Room {
  return {
    add(connection) {
      members.add(connection);
      room.add(connection);
    },
    delete(connection) {
      members.delete(connection);
      room.delete(connection);
    },
    send(payload, text) {
      busyWait(members.size);
      room.send(payload, text);
    },
  };
}
