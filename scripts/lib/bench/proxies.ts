import { refusalBy } from "../../../scenarios/definitions/proxy-plan.ts";
import type { Settings, Trial } from "../../../scenarios/definitions/settings.ts";
import { didYouMean, excerpt, UserError } from "../../../scenarios/lib/errors.ts";
import { proxies, type ProxyName } from "../../../scenarios/proxies.ts";
import { installedVersion } from "../../../scenarios/proxies/programs.ts";
import { descriptorsFor, findLimits } from "../../../scenarios/system/limits.ts";
import { loadTransport, transportLabel } from "../../../scenarios/transports/load-transport.ts";
import type { BenchFlags } from "./options.ts";

/** In front of the servers: a proxy, or nothing. */
export type Through = ProxyName | "none";

/** The proxies that a text such as `none,nginx` names. Throws a UserError, one sentence, for any other text. */
export function parseThrough(flag: string, text: string): Through[] {
  const known = ["none", ...Object.keys(proxies)];
  return text.split(",").map((each) => {
    const name = each.trim();
    if (known.includes(name)) return name as Through;
    throw new UserError(`${flag}: "${excerpt(name)}" is no proxy that is known.${didYouMean(excerpt(name), known)}`);
  });
}

/**
 * The proxies of a run; undefined among them is none. Throws a UserError where a program is not installed, or another
 * flag says that there is no place for one.
 */
export async function planProxies(flags: BenchFlags): Promise<(ProxyName | undefined)[]> {
  const { through = ["none"], target, dialect, agents, slo } = flags;
  const twice = through.find((name, i) => through.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`--through names ${twice} twice: name it once, and use --repeat.`);
  const names = through.map((name) => (name === "none" ? undefined : name));
  const used = names.filter((name) => name !== undefined);
  if (used.length === 0) return names;
  if (target !== undefined || dialect !== undefined)
    throw new UserError("--through puts a proxy in front of our own servers: give --target the address of yours.");
  if (agents !== undefined)
    throw new UserError("--through needs servers and clients on this machine: leave --agents or --through out.");
  if (slo && names.length > 1) throw new UserError("--slo searches through one proxy: give one to --through.");
  for (const name of used) await installedVersion(name, proxies[name].program);
  return names;
}

/**
 * Throws a UserError where a proxy cannot be in front of the servers of these trials: so many clients, rooms that are
 * on one of several servers, or no transport that it can carry.
 */
export async function assertProxiesFit(trials: readonly Trial[]): Promise<void> {
  const used = trials.filter(({ settings }) => settings.through !== undefined);
  for (const { transport, settings } of used) {
    if (settings.servers > 1) assertDealt(settings);
    await assertConnectionsFit(transport, settings);
  }
  const reasons = await Promise.all(used.map(refusalOf));
  if (used.length === trials.length && reasons.length > 0 && reasons.every((reason) => reason !== undefined))
    throw new UserError(String(reasons[0]));
}

/** Why the proxy of a trial cannot carry its transport. Undefined where it can. */
async function refusalOf({ transport: name, settings }: Trial): Promise<string | undefined> {
  return refusalBy(settings.through, await loadTransport(name), transportLabel(name));
}

function assertDealt({ app, servers, through }: Settings): void {
  if (app === "echo") return;
  throw new UserError(
    `${through} deals clients to ${servers} servers, and each room is on one of them: choose --scenario echo, or lower --servers or --clients.`,
  );
}

/** A proxy has a descriptor for each end of a connection, and a port of its own towards the servers. */
async function assertConnectionsFit(name: string, { clients, through }: Settings): Promise<void> {
  const { socketsPerClient } = await loadTransport(name);
  const limits = findLimits();
  const needs = {
    descriptors: descriptorsFor(clients, 2 * socketsPerClient) + spareDescriptors,
    ports: clients * socketsPerClient,
  };
  for (const what of ["descriptors", "ports"] as const) {
    const limit = limits[what];
    if (limit !== null && needs[what] > limit)
      throw new UserError(
        `${through} needs ${needs[what]} ${what} for ${clients} clients of ${transportLabel(name)}, and the limit is ${limit}: lower --clients.`,
      );
  }
}

/** Descriptors that a proxy has besides its connections. */
const spareDescriptors = 300;
