import type { Address, Connect, Connection, ConnectionHandler, Options } from "../contract.ts";
import { needsLink } from "../definitions/fault.ts";
import { deliveryBoundMs, networkExtraMs } from "../definitions/trial-options.ts";
import { nowUs } from "../lib/clock.ts";
import {
  affectedHost,
  clientHost,
  handshakeUs,
  loopbackHost,
  type NetworkConditions,
} from "../lib/network-conditions.ts";
import { sleepUntil } from "../lib/pace.ts";
import { seededRandom } from "../lib/random.ts";
import { connectInTime } from "../transports/connect-in-time.ts";
import { connectLasting } from "../transports/persistent-connection.ts";
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
  /** True if the fault of the trial meets this client. Default: false. */
  affected?: boolean;
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
type DialerParts = Pick<WorkerAssignment, "transport" | "options" | "addresses" | "dialect" | "roomPrefix" | "data"> & {
  settings?: Pick<WorkerAssignment["settings"], "network" | "clients" | "fault" | "seed" | "through"> & {
    servers?: number;
  };
};

/** The dialer of a transport to these servers. Throws a UserError where the transport cannot be loaded. */
export async function openDialer({
  transport: name,
  settings = { clients: 1, seed: 1 },
  options,
  addresses,
  dialect,
  roomPrefix,
  data,
}: DialerParts): Promise<Dialer> {
  const transport = await loadTransport(name);
  const { client, guarantees } = transport;
  const { default: plain }: { default: Connect } = await client();
  const connect = dialect ? (await dialectClient()).withDialect(plain, dialect) : plain;
  const isPersonal = dialect !== undefined || addresses.flat().some(hasPlaceholders);
  const { network, clients, fault, through, servers = 1 } = settings;
  const isOwn = transport.ownAddress !== false;
  const boundMs = deliveryBoundMs(settings, transport, options);

  /** The address at which a client reaches its server, and from which one of its own. */
  function addressOf({ server, index, client: number, affected }: DialTarget): Address {
    const ofServer: readonly Address[] = addresses[server]!;
    if (affected && !isOwn) return ofServer.at(-1)!;
    const common = fault && !isOwn ? ofServer.slice(0, -1) : ofServer;
    const shared = common[index % common.length]!;
    if (network?.by === "proxy" || !isOwn) return shared;
    if (affected) return { ...shared, localAddress: affectedHost(number, !network && !needsLink(fault!)) };
    // A proxy keeps a client at one server by its address.
    if (through && servers > 1 && !network) return { ...shared, localAddress: loopbackHost(number) };
    // Each short session has a number of its own, and those of a trial share its clients' links.
    return network || (fault && needsLink(fault)) ? { ...shared, localAddress: clientHost(number % clients) } : shared;
  }

  function connectOnce(handler: ConnectionHandler, target: DialTarget): Promise<Connection> {
    const { client: number, room, phase } = target;
    const address = addressOf(target);
    const withPhase: Options = { ...options, phase };
    if (network?.by === "proxy")
      return afterHandshake(network.conditions, connectInTime(connect, address, handler, withPhase));
    if (!isPersonal) return connectInTime(connect, address, handler, withPhase);
    const own = withValues(
      address,
      visitorValues({ client: number, room, trial: roomPrefix ?? "", data: data?.[number] }),
    );
    return connectInTime(connect, own, handler, withPhase);
  }

  return {
    connect(handler, target) {
      const random = seededRandom(settings.seed * 1_000_003 + target.client);
      return connectLasting((own) => connectOnce(own, target), handler, { transport, options, random });
    },
    deliveryBoundMs: boundMs,
    responseTimeoutMs: options.handshakeMs + 3 * boundMs,
    retryMs: guarantees.reliable === false ? unreliableRetryMs + networkExtraMs(settings) : Infinity,
  };
}

/**
 * A connection through a proxy, ready no earlier than its TCP handshake takes on the path. The kernel answers the
 * client's SYN itself, since no proxy can delay that.
 */
async function afterHandshake(conditions: NetworkConditions, opening: Promise<Connection>): Promise<Connection> {
  const readyUs = nowUs() + handshakeUs(conditions);
  const connection = await opening;
  await sleepUntil(readyUs);
  return connection;
}
