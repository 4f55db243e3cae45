import type { Network } from "../../../scenarios/definitions/network.ts";
import type { Scenario } from "../../../scenarios/definitions/scenario.ts";
import type { Settings } from "../../../scenarios/definitions/settings.ts";
import { emulatorPacketsPerS, mostLinks } from "../../../scenarios/lib/network-conditions.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { chooseBackend } from "../../../scenarios/system/network-backends.ts";
import { descriptorsFor, findLimits } from "../../../scenarios/system/limits.ts";
import { loadTransport, transportLabel } from "../../../scenarios/transports/load-transport.ts";
import type { Transport } from "../../../scenarios/transports/transport.ts";
import type { BenchFlags } from "./options.ts";
import type { Subject } from "./subjects.ts";

/**
 * The networks of a run, each with what makes it; undefined among them is the loopback. Throws a UserError where this
 * machine cannot make one, or where another flag says that there is none.
 */
export async function planNetworks(
  { network, networkBy, hostNetwork, slo, target, dialect }: BenchFlags,
  scenario: Scenario,
): Promise<(Network | undefined)[]> {
  const networks = network ?? scenario.networks ?? [undefined];
  const texts = networks.map((each) => each?.text);
  const twice = texts.findIndex((text, i) => texts.indexOf(text) !== i);
  if (twice >= 0)
    throw new UserError(`--network names ${texts[twice] ?? "the loopback"} twice: name it once, and use --repeat.`);
  if (networks.every((each) => each === undefined)) {
    if (networkBy) throw new UserError(`--network-by ${networkBy} needs a network to make: give --network rtt=80ms.`);
    return networks.map(() => undefined);
  }
  if (hostNetwork)
    throw new UserError("--network puts servers and clients into networks of their own: drop --host-network.");
  if (target !== undefined || dialect !== undefined)
    throw new UserError(
      "--network is between our own servers and clients, and a --target has the network that leads to it: drop one of them.",
    );
  if (slo && networks.length > 1) throw new UserError("--slo searches in one network: give one to --network.");
  const planned: (Network | undefined)[] = [];
  for (const each of networks) planned.push(each && { ...each, by: await chooseBackend(each.conditions, networkBy) });
  return planned;
}

/** Throws a UserError where a subject, or so many clients or messages, cannot be behind the networks of these trials. */
export async function assertNetworksFit(subjects: readonly Subject[], trials: readonly Settings[]): Promise<void> {
  const used = trials.filter(({ network }) => network !== undefined);
  if (used.length === 0) return;
  used.forEach(assertEmulatorKeepsUp);
  const { clients } = used[0]!;
  if (clients > mostLinks)
    throw new UserError(
      `A network has ${mostLinks.toLocaleString("en")} links at most, one for each client: lower --clients.`,
    );
  const isProxied = used.some(({ network }) => network!.by === "proxy");
  for (const { transport, target } of subjects) {
    const label = transportLabel(transport);
    if (target) throw new UserError(`--network is between our own servers and clients: leave ${target.title} out.`);
    const loaded = await loadTransport(transport);
    if (isProxied) assertProxied(label, loaded, clients);
    if (loaded.ownAddress === false && used.some(({ network }) => network!.by !== "proxy"))
      throw new UserError(
        `The client library of ${label} lets no client choose its address, so --network cannot give each a link of its own: leave ${label} out.`,
      );
  }
}

/**
 * Throws a UserError where the emulator cannot pass on the packets of a trial, each of which has a message at least.
 * Fewer can be too many as well, which the row then says.
 */
export function assertEmulatorKeepsUp({ network, app, ratePerS, clients, rooms }: Settings): void {
  const receivers = { chat: clients / rooms, echo: 1, ingest: 0, sink: 0 }[app];
  const packetsPerS = Math.round(ratePerS * (1 + receivers));
  if (network?.by !== "tun" || packetsPerS <= emulatorPacketsPerS) return;
  throw new UserError(
    `The emulator of --network passes on some ${emulatorPacketsPerS.toLocaleString("en")} packets a second, and these messages alone are ` +
      `${packetsPerS.toLocaleString("en")}: lower --rate or --clients.`,
  );
}

/** Throws a UserError where a TCP proxy cannot be between so many clients of a transport and its servers. */
function assertProxied(label: string, { overTcp, socketsPerClient }: Transport, clients: number): void {
  if (overTcp === false)
    throw new UserError(
      `${label} does not run over TCP alone, and the network that this machine makes is a TCP proxy: leave ${label} out, or ` +
        "see with --network-by tun what the other means need.",
    );
  const limits = findLimits();
  const needs = {
    descriptors: descriptorsFor(clients, 1 + 2 * socketsPerClient), // a port for each client, and both ends of each connection
    ports: clients * (1 + socketsPerClient),
  };
  for (const what of ["descriptors", "ports"] as const) {
    const limit = limits[what];
    if (limit !== null && needs[what] > limit)
      throw new UserError(
        `The proxy of a network needs ${needs[what]} ${what} for ${clients} clients of ${label}, and the limit is ${limit}: ` +
          "lower --clients, or see with --network-by tun what the other means need.",
      );
  }
}
