import type { TestServer } from "../../scenarios/conformance/test-kit.ts";
import type { Address, ByteCounts, Traffic } from "../../scenarios/contract.ts";
import { clientBytes } from "../../scenarios/lib/client-bytes.ts";
import { subtractTraffic } from "../../scenarios/lib/traffic-counters.ts";
import { waitUntilUnchanged } from "./send-one.ts";
import { closeNotifyBytes } from "./tls-formula.ts";

/** Traffic between a server and the clients of one address, as each end counts it. */
export interface BothEnds {
  server: Traffic;
  /**
   * Undefined if the clients' library hides its sockets. Payloads, and what a client does not know of polls, are the
   * server's.
   */
  clients: Traffic | undefined;
}

/** The traffic at both ends once neither counts a new byte. Throws after ten seconds of traffic. */
export async function waitForIdleEnds(host: TestServer, address: Address): Promise<BothEnds> {
  const [server, bytes] = await waitUntilUnchanged(() => [host.traffic(), clientBytes(address)] as const);
  if (!server) throw new Error("the server does not count its bytes");
  const { wire, pollsAnswered } = bytes ?? server;
  return { server, clients: bytes && { ...server, wire, ...(pollsAnswered > 0 && { pollsAnswered }) } };
}

/** The traffic at both ends between two readings. The first may be before any client. */
export function subtractEnds(after: BothEnds, before: BothEnds): BothEnds {
  return {
    server: subtractTraffic(after.server, before.server),
    clients: after.clients && (before.clients ? subtractTraffic(after.clients, before.clients) : after.clients),
  };
}

/**
 * What the clients have counted more or less than the server. A close_notify that one side has sent on a TLS connection
 * and the other side, which has left, does not read (RFC 8446, section 6.1) is left out: at most one each way for each of
 * these closed connections.
 */
export function differenceOfEnds(server: Traffic, clients: Traffic, closedTlsConnections: number): Traffic {
  const difference = subtractTraffic(clients, server);
  const withoutUnread = (bytes: number): number => {
    const alerts = bytes / closeNotifyBytes;
    return Number.isInteger(alerts) && alerts > 0 && alerts <= closedTlsConnections ? 0 : bytes;
  };
  const ofRole = ({ in: sent, out: received }: ByteCounts): ByteCounts => ({
    in: withoutUnread(sent),
    out: -withoutUnread(-received),
  });
  const { up, down, duplex } = difference.wire;
  return { ...difference, wire: { up: ofRole(up), down: ofRole(down), duplex: ofRole(duplex) } };
}
