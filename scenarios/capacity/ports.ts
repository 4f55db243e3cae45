import { UserError } from "../lib/errors.ts";
import type { Limits } from "../system/limits.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Transport } from "../transports/transport.ts";

/** Addresses that a server can have: 127.0.0.1 to 127.0.0.254. */
export const maxAddresses = 254;

/**
 * Ports that rest at a time, at most, as their visits have ended. The side that closes a TCP connection first keeps it in TIME_WAIT: with most
 * transports the client, who has to take another port meanwhile. With WebSocket (RFC 6455, section 7.1.1) and `Connection: close` it is the
 * server, whose rest keeps no client from its port; they are counted all the same, as that only takes more addresses.
 */
export function portsInTimeWait(
  { connectPerMessage, ratePerS, maxWarmupMs, durationMs }: Settings,
  { socketsPerClient }: Pick<Transport, "socketsPerClient">,
  { timeWaitMs = 0 }: Pick<Limits, "timeWaitMs">,
): number {
  if (!connectPerMessage) return 0;
  return Math.ceil((ratePerS * Math.min(timeWaitMs, maxWarmupMs + durationMs) * socketsPerClient) / 1000);
}

/** Refuses, with a UserError that says the highest rate, visits that come so fast that the ports of all addresses would be resting. */
export function assertPortsSuffice(
  label: string,
  settings: Settings,
  transport: Pick<Transport, "socketsPerClient">,
  limits: Pick<Limits, "ports" | "timeWaitMs">,
): void {
  const { ports } = limits;
  const resting = portsInTimeWait(settings, transport, limits);
  if (ports === null || resting <= ports * maxAddresses) return;
  const most = Math.floor((settings.ratePerS * ports * maxAddresses) / resting);
  throw new UserError(
    `${label} at --rate ${settings.ratePerS} leaves ${resting} ports in TIME_WAIT, but ${maxAddresses} loopback addresses have ` +
      `${ports} each: lower --rate to ${most}, make --duration shorter, or have them used again (sysctl net.ipv4.tcp_tw_reuse=2).`,
  );
}
