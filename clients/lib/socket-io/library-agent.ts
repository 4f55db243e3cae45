import { Agent, type AgentOptions, type ClientRequestArgs } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Address, Role } from "../../../scenarios/contract.ts";
import { countSocket } from "../../../scenarios/lib/client-bytes.ts";
import { isEncrypted, tlsOptions } from "../net/tls-options.ts";

/**
 * An agent of this client alone. With `keepAlive` it has one connection per method, so that no send waits for a held
 * poll; otherwise one per request. The client passes TLS options to an agent only, and cannot end its own requests.
 */
export function agentFor(address: Address, keepAlive: boolean): Agent {
  const settings: AgentOptions & { localAddress?: string } = {
    ...(keepAlive && { keepAlive, maxSockets: 1 }),
    ...(address.localAddress !== undefined && { localAddress: address.localAddress }),
  };
  const agent = !isEncrypted(address)
    ? new Agent(settings)
    : new TlsAgent({ ...settings, ...tlsOptions(address), maxCachedSessions: 0 });
  countConnections(agent, address);
  return keepAlive ? connectionPerMethod(agent) : agent;
}

/**
 * Such an agent, without the mark of a reused connection on its requests. Where that connection is reset,
 * xmlhttprequest-ssl 2.1.2 repeats a marked request (mjwwit/node-XMLHttpRequest #19) and never sends it: the client
 * would notice nothing until its heartbeat is late.
 */
function connectionPerMethod(agent: Agent): Agent {
  const nameOf = agent.getName.bind(agent);
  agent.getName = (request?: { method?: string }) => `${request?.method} ${nameOf(request)}`;
  const reuse = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket, request) => {
    reuse(socket, request);
    request.reusedSocket = false;
  };
  return agent;
}

/** Counts the bytes of an agent's connections to `address`. */
function countConnections(agent: Agent, address: Address): void {
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (request, created) => {
    const socket = create(request, created);
    const opened = socket instanceof TLSSocket ? "secureConnect" : "connect";
    if (socket instanceof Socket) socket.once(opened, () => countSocket(socket, address, roleOf(request)));
    return socket;
  };
}

/** A POST sends, a GET polls, and an upgrade does both. */
function roleOf({ method, headers }: ClientRequestArgs): Role {
  if (headers && "Upgrade" in headers) return "duplex";
  return method === "POST" ? "up" : "down";
}
