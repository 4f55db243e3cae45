import tcp from "../../servers/tcp.ts";
import connectTcp from "../../clients/tcp.ts";
import type { App, Connect, Application, Connection, Serve } from "../contract.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";

/** Messages that pass before something breaks: more than the clients' first, so that it is in the middle of a trial. */
const after = 60;

/** Ways in which a trial can break, each a function of the link that is in hand at that moment. */
const breaks: Record<string, (connection: Connection) => void> = {
  "server killed": () => process.kill(process.pid, "SIGKILL"),
  "server throws": () => {
    setImmediate(() => {
      throw new Error("a half that throws");
    });
  },
  "link closed": (connection) => connection.close(),
};

const wanted = process.env["PRETEND_BREAK"] ?? "";

/** Raw TCP that breaks in the middle of a trial, in the way that the environment variable PRETEND_BREAK names. */
const serve: Serve = (app, options) => tcp(breaking(app), options);

const connect: Connect = (address, handler, options) => {
  let received = 0;
  const receive: typeof handler.receive = (payload, text) => {
    if (wanted === "worker killed" && ++received === after) process.kill(process.pid, "SIGKILL");
    handler.receive(payload, text);
  };
  return connectTcp(address, { receive, closed: (error) => handler.closed(error) }, options);
};

export default {
  ...transports.tcp,
  server: () => Promise.resolve({ default: serve }),
  client: () => Promise.resolve({ default: connect }),
} satisfies Transport;

function breaking(app: App): App {
  return (openRoom) => {
    const application = app(openRoom);
    let received = 0;
    const receive: Application["receive"] = (connection, payload, text) => {
      if (++received === after) breaks[wanted]?.(connection);
      application.receive(connection, payload, text);
    };
    return { ...application, receive };
  };
}
