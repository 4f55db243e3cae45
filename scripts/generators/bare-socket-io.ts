import serveWebSockets from "../../servers/ws.ts";
import type { App, Options, Server } from "../../scenarios/contract.ts";
import { transports } from "../../scenarios/transports.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";

/*
 * An echo server for measurements of Socket.IO clients that would saturate Socket.IO's own server. It is our WebSocket
 * server with the opening packets of Engine.IO v4 and Socket.IO v5. The application receives complete packets, so an
 * echo returns each packet unchanged.
 */

const heartbeatMs = 600_000;
const openPacket = Buffer.from(
  `0{"sid":"bare-server-session-","upgrades":[],"pingInterval":${heartbeatMs},"pingTimeout":${heartbeatMs},"maxPayload":1000000}`,
);
const connectPacket = Buffer.from("40");
const connectReply = Buffer.from('40{"sid":"bare-server-client--"}');

async function serve(app: App, options: Options): Promise<Server> {
  let [openedSessions, connectedSessions] = [0, 0];
  const packets: App = (openRoom) => {
    const application = app(openRoom);
    return {
      join(connection) {
        openedSessions++;
        connection.send(openPacket, true);
        application.join(connection);
      },
      receive(connection, packet, text) {
        if (!packet.equals(connectPacket)) return application.receive(connection, packet, text);
        connectedSessions++;
        connection.send(connectReply, true);
      },
      leave: application.leave,
    };
  };
  const server = await serveWebSockets(packets, { ...options, transportOptions: { path: "/socket.io/" } });
  return {
    ...server,
    /** Traffic of the WebSocket server, without the opening packets, which are not payload. */
    traffic() {
      const traffic = server.traffic();
      const openingBytesOut = openedSessions * openPacket.length + connectedSessions * connectReply.length;
      return (
        traffic && {
          ...traffic,
          payloadsIn: traffic.payloadsIn - connectedSessions,
          payloadBytesIn: traffic.payloadBytesIn - connectedSessions * connectPacket.length,
          payloadsOut: traffic.payloadsOut - openedSessions - connectedSessions,
          payloadBytesOut: traffic.payloadBytesOut - openingBytesOut,
        }
      );
    },
  };
}

export default {
  ...transports["socket.io"],
  title: "Socket.IO packets on a bare WebSocket server, echo only",
  server: () => Promise.resolve({ default: serve }),
} satisfies Transport;
