import { performance } from "node:perf_hooks";
import connect from "../../../clients/ws.ts";
import ws from "../../../servers/ws.ts";
import type { App, Connect, Room, Serve } from "../../../scenarios/contract.ts";
import { transports } from "../../../scenarios/transports.ts";
import type { Transport } from "../../../scenarios/transports/transport.ts";

/** What disturbs a half. The environment variable DISTURBANCE has it as JSON. */
export interface Disturbance {
  /** Microseconds of CPU that the server spends on each delivery, until it receives SIGUSR2. */
  serverUs?: number;
  /** Microseconds of CPU that a client spends on each delivery. */
  clientUs?: number;
  /** Memory that the server leaks, in MiB per second. */
  leakMibPerS?: number;
}

const { serverUs = 0, clientUs = 0, leakMibPerS = 0 }: Disturbance = JSON.parse(process.env["DISTURBANCE"] ?? "{}");
const leaked: Buffer[] = [];
let slow = true;

/** Raw WebSocket with a disturbance of known size. The rules that find one are proven with it. */
const serve: Serve = (app, options) => {
  process.on("SIGUSR2", () => (slow = false));
  if (leakMibPerS > 0) setInterval(() => leaked.push(Buffer.alloc(leakMibPerS * 2 ** 17, 1)), 125).unref();
  return ws(serverUs > 0 ? slowed(app) : app, options);
};

const slowConnect: Connect = (address, handler, options) =>
  connect(
    address,
    {
      receive(payload, text) {
        busyWait(clientUs);
        handler.receive(payload, text);
      },
      closed: (error) => handler.closed(error),
    },
    options,
  );

export default {
  ...transports.ws,
  server: () => Promise.resolve({ default: serve }),
  client: () => Promise.resolve({ default: clientUs > 0 ? slowConnect : connect }),
} satisfies Transport;

function busyWait(us: number): void {
  const endMs = performance.now() + us / 1000;
  while (performance.now() < endMs);
}

/** The application with rooms that spend the server's extra time on each delivery. */
function slowed(app: App): App {
  return (openRoom) =>
    app(() => {
      const room = openRoom();
      let members = 0;
      return {
        add(connection) {
          members++;
          room.add(connection);
        },
        delete(connection) {
          members--;
          room.delete(connection);
        },
        send(payload, text) {
          if (slow) busyWait(serverUs * members);
          room.send(payload, text);
        },
      } satisfies Room;
    });
}
