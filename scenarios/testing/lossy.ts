import udp from "../../servers/udp.ts";
import type { App, Connection, Serve } from "../contract.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";

/** The server loses every seventh message that reaches it, also clients' first messages. */
export const lostOneIn = 7;

/** UDP that loses messages by a fixed rule, as on a busy network. */
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
