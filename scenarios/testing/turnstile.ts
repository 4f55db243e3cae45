import tcp from "../../clients/tcp.ts";
import serveTcp from "../../servers/tcp.ts";
import type { App, Connect, Connection, Serve } from "../contract.ts";
import { stampBytes } from "../lib/message-stamp.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";

/** Every tenth connection of a worker fails, and the server closes every ninth that sends a message. */
export const [refusedOneIn, disconnectedOneIn] = [10, 9];

let connections = 0;

/** Raw TCP on which some connections meet a closed port. The first one, which is not measured, succeeds. */
const connect: Connect = (address, handler, options) =>
  tcp(++connections % refusedOneIn === 0 ? { ...address, port: 1 } : address, handler, options);

/** Raw TCP whose server closes some connections when they send. */
const serve: Serve = (app, options) => serveTcp(disconnecting(app), options);

export default {
  ...transports.tcp,
  server: () => Promise.resolve({ default: serve }),
  client: () => Promise.resolve({ default: connect }),
} satisfies Transport;

function disconnecting(app: App): App {
  return (openRoom) => {
    const application = app(openRoom);
    let received = 0;
    return {
      ...application,
      receive(connection: Connection, payload: Buffer, text: boolean) {
        if (payload.length >= stampBytes && ++received % disconnectedOneIn === 0) connection.close();
        else application.receive(connection, payload, text);
      },
    };
  };
}
