import { UserError } from "../lib/errors.ts";
import type { Options, Server } from "../contract.ts";
import type { Settings } from "./settings.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";
import { transportLabel } from "../transports/load-transport.ts";
import { hasServerWorkload } from "./settings.ts";

/**
 * Refuses, with a UserError that says why and what to do, a trial that a transport cannot take part in on this machine.
 */
export async function assertSupports(
  name: string,
  transport: Transport,
  settings: Pick<Settings, "payloadBytes" | "payloadKind" | "trace" | "app" | "senderSide">,
): Promise<void> {
  const { payloadBytes: usual, payloadKind, trace, app } = settings;
  const label = transportLabel(name);
  const payloadBytes = trace?.largestBytes ?? usual;
  const reason = await transport.unavailable?.();
  if (reason !== undefined) throw new UserError(`${label} is unavailable: ${reason}`);
  const { maxPayloadBytes = Infinity, binary = true, apps = [app] } = transport.guarantees;
  if (payloadBytes > maxPayloadBytes)
    throw new UserError(
      `${label} carries at most ${maxPayloadBytes} bytes in a message, not ` +
        `${trace ? `the ${payloadBytes} of the trace's longest` : `--payload-bytes ${payloadBytes}`}: make it smaller, or leave ${label} out.`,
    );
  if (payloadKind === "binary" && !binary)
    throw new UserError(`${label} carries text only, and this scenario sends binary: leave ${label} out.`);
  if (!apps.includes(app))
    throw new UserError(
      `The server of ${label} is another program, which hosts ${apps.join(", ")}, and this scenario needs ${app}: leave ${label} out.`,
    );
  if (transport.guarantees.apps && hasServerWorkload(settings))
    throw new UserError(
      `The server of ${label} is another program, whose hub says nothing of itself, as this scenario needs: leave ${label} out.`,
    );
}

/**
 * Refuses, with a UserError, a server half that was told to speak TLS and does not: its clients would speak in clear
 * and nobody would know.
 */
export function assertTls(name: string, { addresses }: Server, { tls }: Options): void {
  if (!tls || addresses.every(({ certificate }) => certificate !== undefined)) return;
  throw new UserError(
    `${transportLabel(name)} is not spoken over TLS: its server half gives an address without a certificate. ` +
      `Make its server with streamServer of servers/lib/hosting/tls.ts (for HTTP with httpServer of servers/lib/http/http-server.ts), ` +
      `or let the transport say "withoutTls", and why.`,
  );
}

/** Why transports of the list cannot run here, by name; those that can are left out. */
export async function unavailableTransports(): Promise<ReadonlyMap<string, string>> {
  const all = Object.entries<Transport>(transports).map(async ([name, transport]) => {
    const reason = await transport.unavailable?.();
    return reason === undefined ? [] : [[name, reason] as const];
  });
  return new Map((await Promise.all(all)).flat());
}
