import type { Options } from "../contract.ts";
import { proxies, type ProxyName } from "../proxies.ts";
import { spokenBy, type Proxy, type Spoken } from "../proxies/proxy.ts";
import type { Transport } from "../transports/transport.ts";
import { findLimits } from "../system/limits.ts";
import { loadTransport, optionsFor, transportLabel } from "../transports/load-transport.ts";
import type { Settings, Trial } from "./settings.ts";
import { trialOptions } from "./trial-options.ts";

/** What is between clients and servers where `--through` names a proxy. */
export interface ProxyPlan {
  name: ProxyName;
  speaks: Spoken;
  /** True where TLS ends at the proxy, and servers speak without it. */
  tls: boolean;
  /** True where the proxy keeps the connections of a client at one server, for which each client has an address. */
  sticky: boolean;
  /** Most connections of clients at once. */
  connections: number;
  /** File descriptors that the proxy may have. */
  descriptors: number;
  /** Milliseconds for which a connection may be silent: two heartbeats, a held poll, and ten seconds more. */
  silenceMs: number;
}

/** File descriptors that a proxy may have where the system sets no limit. */
const usualDescriptors = 65_536;

/** Milliseconds by which a proxy waits longer than the transport is silent. */
const spareMs = 10_000;

const proxyNamed = (name: ProxyName): Proxy => proxies[name];

/** Why the proxy of a trial cannot carry a transport. Undefined where it can, or there is none. */
export function refusalBy(through: ProxyName | undefined, transport: Transport, label: string): string | undefined {
  return through && proxyNamed(through).refuses(transport, label);
}

/** The proxy in front of the servers of a trial. Undefined where there is none. Throws a sentence where it cannot carry the transport. */
export function planProxy(
  { through, servers, clients, fault }: Pick<Settings, "through" | "servers" | "clients" | "fault">,
  transport: Transport,
  label: string,
  options: Options,
): ProxyPlan | undefined {
  if (through === undefined) return undefined;
  const refusal = refusalBy(through, transport, label);
  if (refusal !== undefined) throw new Error(refusal);
  // Without a fault a trial puts heartbeats off to its end, which a product does not.
  const { heartbeatMs, holdMs, pollIntervalMs } = fault ? options : optionsFor(transport, {});
  return {
    name: through,
    speaks: spokenBy(transport)!,
    tls: options.tls === true && !proxyNamed(through).passesTls,
    sticky: servers > 1,
    connections: clients * transport.socketsPerClient,
    descriptors: findLimits().descriptors ?? usualDescriptors,
    silenceMs: Math.max(2 * heartbeatMs, holdMs, pollIntervalMs) + spareMs,
  };
}

/** What a proxy does to a transport, for the sentence of a trial that failed. Undefined where it does nothing. */
export function spoiltBy(through: ProxyName | undefined, transport: Transport): string | undefined {
  return through && proxyNamed(through).spoils?.(transport);
}

/** Places in a configuration that is printed: the ports, folders and files of a product are its own. */
const shownAt = { front: { host: "127.0.0.1", port: 8080 }, folder: "/tmp" };
const shownPem = "/etc/ssl/private/identity.pem";
const firstShownPort = 9001;

/**
 * The configuration of each proxy of these trials, by a title such as `nginx for ws`, as a reader can copy it. In place
 * of one that cannot carry its transport: why. Throws a UserError where a transport cannot be loaded.
 */
export async function configurationsOf(trials: readonly Trial[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { transport: name, settings } of trials) {
    if (settings.through === undefined) continue;
    const label = transportLabel(name);
    found[`${settings.through} for ${label}`] ??= shownConfiguration(settings, await loadTransport(name), label);
  }
  return found;
}

function shownConfiguration(settings: Settings, transport: Transport, label: string): string {
  const refusal = refusalBy(settings.through, transport, label);
  if (refusal !== undefined) return `# ${refusal}\n`;
  const plan = planProxy(settings, transport, label, trialOptions(settings, transport))!;
  return proxyNamed(plan.name).configuration({
    ...plan,
    ...shownAt,
    servers: Array.from({ length: settings.servers }, (_, i) => ({ host: "127.0.0.1", port: firstShownPort + i })),
    pem: plan.tls ? shownPem : undefined,
  });
}
