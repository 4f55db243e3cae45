import serveWebSockets from "../../servers/ws.ts";
import type { App, Options, Server } from "../../scenarios/contract.ts";
import { transports } from "../../scenarios/transports.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";

/*
 * What a Socket.IO client is measured on where Socket.IO's own server would be the limit: our WebSocket server says what Engine.IO v4 and
 * Socket.IO v5 begin with, and hands the application whole packets, so that those of an echo go back as they came.
 */

const longestMs = 600_000;
const opening = Buffer.from(
  `0{"sid":"bare-server-session-","upgrades":[],"pingInterval":${longestMs},"pingTimeout":${longestMs},"maxPayload":1000000}`,
);
const join = Buffer.from("40");
const joined = Buffer.from('40{"sid":"bare-server-client--"}');

async function serve(app: App, options: Options): Promise<Server> {
  let [begun, entered] = [0, 0];
  const packets: App = (openRoom) => {
    const application = app(openRoom);
    return {
      join(connection) {
        begun++;
        connection.send(opening, true);
        application.join(connection);
      },
      receive(connection, packet, text) {
        if (!packet.equals(join)) return application.receive(connection, packet, text);
        entered++;
        connection.send(joined, true);
      },
      leave: application.leave,
    };
  };
  const server = await serveWebSockets(packets, { ...options, transportOptions: { path: "/socket.io/" } });
  return {
    ...server,
    /** What a session begins with is no payload. */
    traffic() {
      const traffic = server.traffic();
      return (
        traffic && {
          ...traffic,
          payloadsIn: traffic.payloadsIn - entered,
          payloadBytesIn: traffic.payloadBytesIn - entered * join.length,
          payloadsOut: traffic.payloadsOut - begun - entered,
          payloadBytesOut: traffic.payloadBytesOut - begun * opening.length - entered * joined.length,
        }
      );
    },
  };
}

export default {
  ...transports["socket.io"],
  title: "Socket.IO's packets on a bare WebSocket server: an echo only",
  server: () => Promise.resolve({ default: serve }),
} satisfies Transport;
