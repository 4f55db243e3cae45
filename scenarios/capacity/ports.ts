import { UserError } from "../lib/errors.ts";
import type { Limits } from "../system/limits.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Transport } from "../transports/transport.ts";

/** Loopback addresses that a server can have: 127.0.0.1 to 127.0.0.254. */
export const maxAddresses = 254;

/**
 * Highest number of ports in TIME_WAIT at a time, with one connection per message. The side that closes a TCP
 * connection first keeps its port in TIME_WAIT. With most transports that is the client, which then needs another port.
 * With WebSocket (RFC 6455, section 7.1.1) and `Connection: close` it is the server, and the client's port stays free.
 * The count ignores this, which only means more addresses.
 */
export function portsInTimeWait(
  { connectPerMessage, ratePerS, maxWarmupMs, durationMs }: Settings,
  { socketsPerClient }: Pick<Transport, "socketsPerClient">,
  { timeWaitMs = 0 }: Pick<Limits, "timeWaitMs">,
): number {
  if (!connectPerMessage) return 0;
  return Math.ceil((ratePerS * Math.min(timeWaitMs, maxWarmupMs + durationMs) * socketsPerClient) / 1000);
}

/** Throws a UserError with the highest possible rate if all ports of all addresses would be in TIME_WAIT. */
export function assertPortsSuffice(
  label: string,
  settings: Settings,
  transport: Pick<Transport, "socketsPerClient">,
  limits: Pick<Limits, "ports" | "timeWaitMs">,
): void {
  const { ports } = limits;
  const inTimeWait = portsInTimeWait(settings, transport, limits);
  if (ports === null || inTimeWait <= ports * maxAddresses) return;
  const highestRate = Math.floor((settings.ratePerS * ports * maxAddresses) / inTimeWait);
  throw new UserError(
    `${label} at --rate ${settings.ratePerS} leaves ${inTimeWait} ports in TIME_WAIT, and ${maxAddresses} loopback addresses have ` +
      `${ports} each: use at most --rate ${highestRate}, a shorter --duration, or let the kernel reuse ports ` +
      `(sysctl net.ipv4.tcp_tw_reuse=2).`,
  );
}
