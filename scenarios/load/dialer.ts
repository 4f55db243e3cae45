import type { Address, Connect, Connection, ConnectionHandler, Options } from "../contract.ts";
import { connectInTime } from "../transports/connect-in-time.ts";
import { dialectClient } from "../transports.ts";
import { hasPlaceholders, visitorValues, withValues } from "../lib/visitor.ts";
import { loadTransport } from "../transports/load-transport.ts";
import type { WorkerAssignment } from "./virtual-clients.ts";

/** Milliseconds after which a message without an answer is sent again, on a transport that may lose it. */
const unreliableRetryMs = 1_000;

/** Server of a client, index of the address at that server (round robin), and what else is the client's own. */
export interface DialTarget {
  server: number;
  index: number;
  /** Place of its periodic work within the period, in [0, 1). */
  phase: number;
  /** Number of the client, and of its room, for placeholders. */
  client: number;
  room: number;
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

/** What a dialer needs to know of a worker's assignment. */
type DialerParts = Pick<WorkerAssignment, "transport" | "options" | "addresses" | "dialect" | "roomPrefix" | "data">;

/** The dialer of a transport to these servers. Throws a UserError where the transport cannot be loaded. */
export async function openDialer({
  transport: name,
  options,
  addresses,
  dialect,
  roomPrefix,
  data,
}: DialerParts): Promise<Dialer> {
  const { client, guarantees } = await loadTransport(name);
  const { default: plain }: { default: Connect } = await client();
  const connect = dialect ? (await dialectClient()).withDialect(plain, dialect) : plain;
  const isPersonal = dialect !== undefined || addresses.flat().some(hasPlaceholders);
  const deliveryBoundMs = guarantees.deliveryBoundMs?.(options) ?? 0;
  return {
    async connect(handler, { server, index, phase, client: number, room }) {
      const ofServer: readonly Address[] = addresses[server]!;
      const address = ofServer[index % ofServer.length]!;
      const withPhase: Options = { ...options, phase };
      if (!isPersonal) return connectInTime(connect, address, handler, withPhase);
      const own = withValues(
        address,
        visitorValues({ client: number, room, trial: roomPrefix ?? "", data: data?.[number] }),
      );
      return connectInTime(connect, own, handler, withPhase);
    },
    deliveryBoundMs,
    responseTimeoutMs: options.handshakeMs + 3 * deliveryBoundMs,
    retryMs: guarantees.reliable === false ? unreliableRetryMs : Infinity,
  };
}
