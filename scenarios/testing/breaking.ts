import tcp from "../../servers/tcp.ts";
import connectTcp from "../../clients/tcp.ts";
import type { App, Connect, Application, Connection, Serve, Transport } from "../contract.ts";
import { transports } from "../transports.ts";

/** Messages that pass before something breaks: more than the clients' first, so that it is in the middle of a trial. */
const after = 60;

/** Ways in which a trial can break, each a function of the link that is in hand at that moment. */
const breaks: Record<string, (link: Connection) => void> = {
  "server killed": () => process.kill(process.pid, "SIGKILL"),
  "server throws": () => {
    setImmediate(() => {
      throw new Error("a half that throws");
    });
  },
  "link closed": (link) => link.close(),
};

const wanted = process.env["PRETEND_BREAK"] ?? "";

/** Raw TCP that breaks in the middle of a trial, in the way that the environment variable PRETEND_BREAK names. */
const serve: Serve = (app, options) => tcp(breaking(app), options);

const connect: Connect = (address, inbox, options) => {
  let received = 0;
  const receive: typeof inbox.receive = (payload, text) => {
    if (wanted === "worker killed" && ++received === after) process.kill(process.pid, "SIGKILL");
    inbox.receive(payload, text);
  };
  return connectTcp(address, { receive, closed: (error) => inbox.closed(error) }, options);
};

export default {
  ...transports.tcp,
  server: () => Promise.resolve({ default: serve }),
  client: () => Promise.resolve({ default: connect }),
} satisfies Transport;

function breaking(app: App): App {
  return (openRoom) => {
    const hub = app(openRoom);
    let heard = 0;
    const receive: Application["receive"] = (link, payload, text) => {
      if (++heard === after) breaks[wanted]?.(link);
      hub.receive(link, payload, text);
    };
    return { ...hub, receive };
  };
}
