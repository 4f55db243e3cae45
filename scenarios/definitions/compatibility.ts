import { UserError } from "../lib/errors.ts";
import type { Options, Server } from "../contract.ts";
import type { Settings } from "./settings.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";
import { transportLabel } from "../transports/load-transport.ts";
import { hasServerWorkload } from "./settings.ts";

/** Throws a UserError, with the reason and a remedy, if a transport cannot run a scenario on this machine. */
export async function assertSupports(
  name: string,
  transport: Transport,
  settings: Pick<Settings, "payloadBytes" | "payloadKind" | "trace" | "app" | "senderSide" | "pausedClients">,
): Promise<void> {
  const { payloadKind, trace, app } = settings;
  const label = transportLabel(name);
  const payloadBytes = trace?.largestBytes ?? settings.payloadBytes;
  const reason = await transport.unavailable?.();
  if (reason !== undefined) throw new UserError(`${label} is unavailable: ${reason}`);
  const { maxPayloadBytes = Infinity, binary = true, apps = [app], stopsReading = true } = transport.guarantees;
  if (payloadBytes > maxPayloadBytes) {
    const payload = trace ? `the longest text of the trace has ${payloadBytes}` : `--payload-bytes is ${payloadBytes}`;
    throw new UserError(
      `${label} carries at most ${maxPayloadBytes} bytes in a message, and ${payload}. Make it smaller, or leave ${label} out.`,
    );
  }
  if (payloadKind === "binary" && !binary)
    throw new UserError(`${label} carries text only, and this scenario sends binary. Leave ${label} out.`);
  if (settings.pausedClients && !stopsReading)
    throw new UserError(
      `${label} has clients that read on while their process is stopped, and this scenario needs clients that do not read. ` +
        `Leave ${label} out.`,
    );
  if (!apps.includes(app))
    throw new UserError(
      `${label} runs an external server that hosts ${apps.join(", ")}, and this scenario needs ${app}. Leave ${label} out.`,
    );
  if (transport.guarantees.apps && hasServerWorkload(settings))
    throw new UserError(
      `${label} runs an external server that cannot send on its own, which this scenario needs. Leave ${label} out.`,
    );
}

/**
 * Throws a UserError if a server half ignores the option `tls`. Its clients would send in clear, and nobody would
 * notice.
 */
export function assertTls(name: string, { addresses }: Server, { tls }: Options): void {
  if (!tls || addresses.every(({ certificate }) => certificate !== undefined)) return;
  throw new UserError(
    `${transportLabel(name)} does not run over TLS: its server half returned an address without a certificate. ` +
      `Make its server with streamServer of servers/lib/hosting/tls.ts (for HTTP: httpServer of servers/lib/http/http-server.ts), ` +
      `or give the transport a noTlsReason.`,
  );
}

/** The transports on the list that cannot run here, with the reason of each. */
export async function unavailableTransports(): Promise<ReadonlyMap<string, string>> {
  const reasons = Object.entries<Transport>(transports).map(async ([name, transport]) => {
    const reason = await transport.unavailable?.();
    return reason === undefined ? [] : [[name, reason] as const];
  });
  return new Map((await Promise.all(reasons)).flat());
}
