import tcp from "../../servers/tcp.ts";
import connectTcp from "../../clients/tcp.ts";
import type { App, Connect, Application, Connection, Serve } from "../contract.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";

/** Messages before the fault: more than the clients' first messages, so that the fault is in the middle of a trial. */
const after = 60;

/** Faults by name. Each is a function of the connection of the current message. */
const faults: Record<string, (connection: Connection) => void> = {
  "server killed": () => process.kill(process.pid, "SIGKILL"),
  "server stopped": () => process.kill(process.pid, "SIGSTOP"),
  "server throws": () => {
    setImmediate(() => {
      throw new Error("a half that throws");
    });
  },
  "connection closed": (connection) => connection.close(),
};

const faultName = process.env["PRETEND_BREAK"] ?? "";
const workerSignals: Record<string, NodeJS.Signals> = { "worker killed": "SIGKILL", "worker stopped": "SIGSTOP" };
const workerSignal = workerSignals[faultName];

/** Raw TCP with a fault in the middle of a trial. The environment variable PRETEND_BREAK names the fault. */
const serve: Serve = (app, options) => tcp(breaking(app), options);

const connect: Connect = (address, handler, options) => {
  let received = 0;
  const receive: typeof handler.receive = (payload, text) => {
    if (workerSignal && ++received === after) process.kill(process.pid, workerSignal);
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
      if (++received === after) faults[faultName]?.(connection);
      application.receive(connection, payload, text);
    };
    return { ...application, receive };
  };
}
