import tcp from "../../clients/tcp.ts";
import serveTcp from "../../servers/tcp.ts";
import type { App, Connect, Connection, Serve } from "../contract.ts";
import { stampBytes } from "../lib/message-stamp.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";

/** One in so many visitors is not let in, and one in so many of those who are gets no answer. */
export const [refusedOneIn, disconnectedOneIn] = [10, 9];

let visitors = 0;

/** Raw TCP on which some visitors find a closed port. The first is a scout, who is let in. */
const connect: Connect = (address, handler, options) =>
  tcp(++visitors % refusedOneIn === 0 ? { ...address, port: 1 } : address, handler, options);

/** Raw TCP that shows some visitors out when they speak. */
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
