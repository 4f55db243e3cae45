import tcp from "../../servers/tcp.ts";
import type { App, Serve } from "../contract.ts";
import { readStamp, type Stamp } from "../lib/message-stamp.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";

/** The last digit of the sequence numbers that are lost. */
export const lostDigit = 3;

/** Raw TCP that promises to lose nothing, and whose rooms lose every tenth message of a sender. */
const serve: Serve = (app, options) => tcp(leaky(app), options);

export default { ...transports.tcp, server: () => Promise.resolve({ default: serve }) } satisfies Transport;

function leaky(app: App): App {
  return (openRoom) =>
    app(() => {
      const room = openRoom();
      const stamp: Stamp = { sender: 0, seq: 0, lagUs: 0 };
      return {
        add: (connection) => room.add(connection),
        delete: (connection) => room.delete(connection),
        send(payload, text) {
          const isLost = readStamp(payload, stamp) && stamp.seq % 10 === lostDigit;
          if (!isLost) room.send(payload, text);
        },
      };
    });
}
