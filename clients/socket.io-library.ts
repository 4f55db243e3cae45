import type { Agent } from "node:http";
import { io } from "socket.io-client";
import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { AnswerError } from "../scenarios/lib/answer-error.ts";
import { sharedOptions } from "../servers/protocols/socket-io-options.ts";
import { libraryHeaders, urlOf } from "./lib/net/tls-options.ts";
import { agentFor } from "./lib/socket-io/library-agent.ts";
import { followOutages, socketIoReconnection, type LibraryOutages } from "./lib/socket-io/library-reconnection.ts";

/**
 * Socket.IO through its official client, with reconnection where `options.reconnect` asks for it. It converts each text
 * from a JavaScript string into bytes, which is part of its cost. Transport options: those of servers/protocols/socket-io-options.ts, and
 * `keepAlive`: whether requests share two connections, as in a browser. By default the library opens a connection per
 * request.
 */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const shared = await sharedOptions(options);
  const newAgent = (): Agent => agentFor(address, options.transportOptions["keepAlive"] === true);
  let agent = newAgent();
  return new Promise((resolve, reject) => {
    const socket = io(urlOf("http", address), {
      ...shared,
      extraHeaders: libraryHeaders(address),
      ...(shared.transports.includes("polling") ? {} : withoutDeflate),
      agent: agent as never,
      forceNew: true,
      ...socketIoReconnection(options.reconnect),
      timeout: options.handshakeMs,
    });
    let ready = false;
    let outages: LibraryOutages | undefined;
    const timeout = setTimeout(
      () => refuse(new Error(`the Socket.IO server did not accept the client within ${options.handshakeMs} ms`)),
      options.handshakeMs,
    );

    function refuse(error: Error): void {
      clearTimeout(timeout);
      socket.off().disconnect();
      agent.destroy();
      reject(error);
    }

    let opened = false;
    socket.io.once("open", () => (opened = true));
    socket.once("connect_error", (error) => refuse(answerIn(error, opened) ?? error));
    if (shared.transports.length > 1)
      socket.io.engine.once("handshake", ({ upgrades }) => {
        if (!upgrades.includes("websocket")) refuse(new Error("the Socket.IO server offers no upgrade to WebSocket"));
      });
    function receive(message: string | Buffer): void {
      if (typeof message === "string") handler.receive(Buffer.from(message), true);
      else handler.receive(message, false);
    }

    /** The requests of an attempt must not wait for those of a connection that is dead. */
    function renewAgent(): void {
      agent.destroy();
      agent = newAgent();
      socket.io.opts.agent = agent as never;
    }

    if (options.reconnect) socket.on("chat", () => outages?.end());
    socket.on("chat", receive);
    socket.on("disconnect", (reason, details) => {
      if (!ready) return refuse(new Error(`Socket.IO disconnected before it accepted the client: ${reason}`));
      if (outages && reason !== "io client disconnect") return outages.begin(reason);
      agent.on("free", () => Object.keys(agent.sockets).length === 0 && agent.destroy()); // after the last response
      handler.closed(answerIn(details, true) ?? disconnectError(reason));
    });
    socket.once("connect", () => {
      const recovers = (socket as unknown as { _pid?: string })["_pid"] !== undefined; // the library tells nobody
      if (recovers !== (options.transportOptions["recovery"] === true))
        return refuse(new Error(`the Socket.IO server has connection state recovery ${recovers ? "on" : "off"}`));
      ready = true;
      clearTimeout(timeout);
      socket.off("connect_error");
      if (options.reconnect) outages = followOutages(socket, handler, renewAgent);
      resolve({
        send: (payload, text) => {
          // A copy, since the library may send a Buffer in the next tick.
          if (socket.connected) socket.emit("chat", text ? payload.toString() : Buffer.from(payload));
        },
        close() {
          if (!outages) socket.disconnect();
          else if (outages.close()) {
            agent.destroy();
            handler.closed();
          }
        },
      });
    });
  });
}

/** Turns off permessage-deflate, which the client offers by default. The client's types do not have this option. */
const withoutDeflate: Record<string, unknown> = { perMessageDeflate: false };

/** Details that the library keeps of a request that failed. */
interface RequestDetails {
  /** HTTP status; 0 or a text where there was no answer. */
  description?: unknown;
  context?: { responseText?: unknown };
}

/** The answer of the server in an error of the library. Undefined without one. `later`: the session was open before. */
function answerIn(details: unknown, later: boolean): AnswerError | undefined {
  const { description: status, context } = (details ?? {}) as RequestDetails;
  if (typeof status !== "number" || status === 0) return undefined;
  return new AnswerError(status, `the server answered ${status}: ${String(context?.responseText)}`, later);
}

/** An error for a disconnect that neither side asked for. Socket.IO names the reason of every disconnect. */
function disconnectError(reason: string): Error | undefined {
  const requested = reason === "io server disconnect" || reason === "io client disconnect";
  return requested ? undefined : new Error(`Socket.IO disconnected: ${reason}`);
}
