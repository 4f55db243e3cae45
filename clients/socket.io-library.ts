import { Agent, type AgentOptions } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { io } from "socket.io-client";
import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { sharedOptions } from "../servers/protocols/socket-io-options.ts";
import { tlsOptions, urlOf } from "./lib/net/tls-options.ts";

/**
 * Socket.IO through its official client, without reconnection. Strings come as JavaScript strings and are turned into bytes for the
 * inbox: that conversion is part of what this client costs. Reads of `own` what servers/protocols/socket-io-options.ts says, and `keepAlive`: whether
 * polls share two connections, as they do in a browser, where the client by itself opens one per request.
 */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const shared = await sharedOptions(options);
  const agent = agentFor(address, options.transportOptions["keepAlive"] === true);
  return new Promise((resolve, reject) => {
    const socket = io(urlOf("http", address), {
      ...shared,
      ...(shared.transports.includes("polling") ? {} : withoutDeflate),
      ...(agent && { agent: agent as never }),
      forceNew: true,
      reconnection: false,
      timeout: options.handshakeMs,
    });
    socket.once("connect_error", (error) => {
      socket.disconnect();
      agent?.destroy();
      reject(error);
    });
    socket.on("chat", (message: string | Buffer) => {
      if (typeof message === "string") handler.receive(Buffer.from(message), true);
      else handler.receive(message, false);
    });
    socket.once("disconnect", (reason) => {
      agent?.on("free", () => Object.keys(agent.sockets).length === 0 && agent.destroy()); // the goodbyes have been answered
      handler.closed(unclean(reason));
    });
    socket.once("connect", () =>
      resolve({
        send: (payload, text) => {
          // A Buffer may wait for the next tick: this one is the caller's again before that.
          if (socket.connected) socket.emit("chat", text ? payload.toString() : Buffer.from(payload));
        },
        close: () => void socket.disconnect(),
      }),
    );
  });
}

/** The client offers permessage-deflate unless told not to, which its types do not know how to say. */
const withoutDeflate: Record<string, unknown> = { perMessageDeflate: false };

/**
 * An agent that keeps one connection for each method, so that no send waits behind a held ask. Where connections are not kept, one is only
 * needed under TLS, whose settings the client does not hand on otherwise.
 */
function agentFor(address: Address, keepAlive: boolean): Agent | undefined {
  const settings: AgentOptions = keepAlive ? { keepAlive, maxSockets: 1 } : {};
  if (address.certificate === undefined) return keepAlive ? connectionPerMethod(new Agent(settings)) : undefined;
  const agent = new TlsAgent({ ...settings, ...tlsOptions(address), maxCachedSessions: 0 });
  return keepAlive ? connectionPerMethod(agent) : agent;
}

function connectionPerMethod(agent: Agent): Agent {
  const nameOf = agent.getName.bind(agent);
  agent.getName = (request?: { method?: string }) => `${request?.method} ${nameOf(request)}`;
  return agent;
}

/** Socket.IO names the reason of every disconnect; a goodbye of either side is none of ours. */
function unclean(reason: string): Error | undefined {
  const goodbye = reason === "io server disconnect" || reason === "io client disconnect";
  return goodbye ? undefined : new Error(`Socket.IO disconnected: ${reason}`);
}
