import type { Address, Connect, Connection, ConnectionHandler, Options } from "../contract.ts";
import { connectInTime } from "../transports/connect-in-time.ts";
import { loadTransport } from "../transports/load-transport.ts";
import type { WorkerAssignment } from "./virtual-clients.ts";

/** Milliseconds after which a message without an answer is sent again, on a transport that may lose it. */
const unreliableRetryMs = 1_000;

/** Server of a client, index of the address at that server (round robin), and the client's phase of periodic work. */
export interface DialTarget {
  server: number;
  index: number;
  phase: number;
}

/** Opens the connections of one worker. */
export interface Dialer {
  connect(handler: ConnectionHandler, target: DialTarget): Promise<Connection>;
  /** Milliseconds within which a message has reached its receiver on an idle machine. */
  deliveryBoundMs: number;
  /** Milliseconds a client waits for the answer to its only message. */
  responseTimeoutMs: number;
  /** Milliseconds after which a first message is sent again; Infinity on a reliable transport. */
  retryMs: number;
}

/** The dialer of a transport to these servers. Throws a UserError where the transport cannot be loaded. */
export async function openDialer({
  transport: name,
  options,
  addresses,
}: Pick<WorkerAssignment, "transport" | "options" | "addresses">): Promise<Dialer> {
  const { client, guarantees } = await loadTransport(name);
  const { default: connect }: { default: Connect } = await client();
  const deliveryBoundMs = guarantees.deliveryBoundMs?.(options) ?? 0;
  return {
    connect(handler, { server, index, phase }) {
      const ofServer: readonly Address[] = addresses[server]!;
      const withPhase: Options = { ...options, phase };
      return connectInTime(connect, ofServer[index % ofServer.length]!, handler, withPhase);
    },
    deliveryBoundMs,
    responseTimeoutMs: options.handshakeMs + 3 * deliveryBoundMs,
    retryMs: guarantees.reliable === false ? unreliableRetryMs : Infinity,
  };
}
