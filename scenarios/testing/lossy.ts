import udp from "../../servers/udp.ts";
import type { App, Connection, Serve } from "../contract.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";

/** One in so many messages that reach the server is lost there, clients' first ones among them. */
export const lostOneIn = 7;

/** UDP over which messages get lost by a rule, as on a network that is busy. */
const serve: Serve = (app, options) => udp(losing(app), options);

export default { ...transports.udp, server: () => Promise.resolve({ default: serve }) } satisfies Transport;

function losing(app: App): App {
  return (openRoom) => {
    const application = app(openRoom);
    let received = 0;
    return {
      ...application,
      receive(connection: Connection, payload: Buffer, text: boolean) {
        if (++received % lostOneIn > 0) application.receive(connection, payload, text);
      },
    };
  };
}
