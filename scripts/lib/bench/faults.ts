import { faultKinds, needsLink } from "../../../scenarios/definitions/fault.ts";
import { startsOnLoopback } from "../../../scenarios/definitions/target.ts";
import { hasServerWorkload, type Settings } from "../../../scenarios/definitions/settings.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { mostLinks } from "../../../scenarios/lib/network-conditions.ts";
import { namespacesUnavailable } from "../../../scenarios/system/network-backends.ts";
import { findProgram, pathFolders } from "../../../scenarios/lib/find-program.ts";
import { loadTransport, transportLabel } from "../../../scenarios/transports/load-transport.ts";
import { quietMs } from "../../../scenarios/workload/fault-plan.ts";
import type { BenchFlags } from "./options.ts";
import type { Subject } from "./subjects.ts";

/** The flags that may not go together with a fault. */
export type FaultFlags = Pick<BenchFlags, "reconnect" | "heartbeat" | "agents" | "slo" | "hostNetwork">;

/** Throws a UserError, one sentence, where nothing can break in these trials as the flags or the scenario say. */
export async function assertFaultFits(
  subjects: readonly Subject[],
  settings: Settings,
  flags: FaultFlags,
  machine = thisMachine(),
): Promise<void> {
  const { fault, historyMessages } = settings;
  if (historyMessages !== undefined) assertHistory(settings);
  if (!fault) {
    for (const name of ["reconnect", "heartbeat"] as const)
      if (flags[name] !== undefined)
        throw new UserError(`--${name} is about clients whose connections break: add --fault cut:50%@5s.`);
    return;
  }
  const refusal = refusals.find(({ when }) => when(settings, flags));
  if (refusal) throw new UserError(refusal.say(settings));
  if (machine.platform !== "linux")
    throw new UserError("A fault is made by Linux, and this is another system: leave --fault out.");
  if (fault.kind === "cut" && !machine.hasSs)
    throw new UserError("A cut needs the program ss: install iproute2 (Debian: apt-get install iproute2).");
  await assertNamespaces(settings, machine);
  for (const subject of subjects) await assertSubject(subject, settings, machine);
}

/** Throws a UserError where the trial has no network of its own and the fault needs one. */
async function assertNamespaces({ fault, network, hostNetwork }: Settings, { isRoot }: Machine): Promise<void> {
  if (network || !faultKinds[fault!.kind].picksClients) return;
  const reason = hostNetwork ? "leave --host-network out" : await namespacesUnavailable();
  if (reason === undefined || (!needsLink(fault!) && isRoot)) return;
  throw new UserError(`${fault!.kind} needs a network of the trial's own: ${reason}.`);
}

/** What a fault needs of the machine. */
interface Machine {
  platform: NodeJS.Platform;
  /** True where the program ss is installed. */
  hasSs: boolean;
  isRoot: boolean;
}

const thisMachine = (): Machine => ({
  platform: process.platform,
  hasSs: findProgram(["ss"], pathFolders()) !== undefined,
  isRoot: process.getuid?.() === 0,
});

function assertHistory({ app, senderSide = "clients" }: Settings): void {
  if (app === "chat" && senderSide === "clients") return;
  throw new UserError(
    "--history is for a group chat in which clients send: choose such a scenario, or leave --history out.",
  );
}

/** What does not go together with a fault, and what to do. */
const refusals: { when(settings: Settings, flags: FaultFlags): boolean; say(settings: Settings): string }[] = [
  {
    when: (_, { agents }) => agents !== undefined,
    say: () => "A fault needs servers and clients on this machine: leave --agents or --fault out.",
  },
  {
    when: (_, { slo }) => slo !== undefined,
    say: () => "--slo searches for a load that nothing disturbs: leave --slo or --fault out.",
  },
  {
    when: ({ connectPerMessage, idleCycles, pausedClients, app }) =>
      connectPerMessage === true || idleCycles !== undefined || pausedClients !== undefined || app === "ingest",
    say: () =>
      "A fault is for clients that stay connected and receive messages: choose a chat or echo scenario without paused clients.",
  },
  {
    when: ({ fault, durationMs }) => fault!.atMs + fault!.forMs + 1_000 > durationMs,
    say: ({ fault, durationMs }) =>
      `The fault ${fault!.text} is not over a second before the window of ${durationMs / 1000}s ends: raise --duration.`,
  },
  {
    when: ({ fault, durationMs }) =>
      fault!.everyMs !== undefined && fault!.atMs + fault!.everyMs + quietMs > durationMs,
    say: ({ fault, durationMs }) =>
      `The fault ${fault!.text} does not meet each client before the last ${quietMs / 1000}s of the window of ${durationMs / 1000}s, in which none begins: raise --duration.`,
  },
  {
    when: ({ fault, network }) => needsLink(fault!) && network?.by === "proxy",
    say: ({ fault }) =>
      `The network of this machine is a TCP proxy, which cannot be silent as ${fault!.kind} is: see with --network-by tun what the other means need.`,
  },
  {
    when: ({ fault, through }) => fault!.kind === "reload" && through === undefined,
    say: () => "A reload is about a reverse proxy, and there is none: add --through nginx.",
  },
  {
    when: ({ fault, ...settings }) => fault!.kind.startsWith("restart") && hasServerWorkload(settings),
    say: ({ fault }) =>
      `${fault!.kind} ends the server, and here the server sends: choose a scenario in which clients send.`,
  },
  {
    when: ({ clients }) => clients > mostLinks,
    say: () =>
      `A fault needs an address for each client, of which there are ${mostLinks.toLocaleString("en")}: lower --clients.`,
  },
  {
    when: ({ fault, clients, senders }) => fault!.share < 1 && Math.round(fault!.share * clients) > clients - senders,
    say: ({ clients, senders }) =>
      `The fault spares the senders, which are ${senders} of ${clients} clients: lower its share, or make it 100%.`,
  },
  {
    when: ({ fault, clients }) => Math.round(fault!.share * clients) === 0,
    say: ({ fault, clients }) => `The fault ${fault!.text} meets none of ${clients} clients: raise its share.`,
  },
];

/** Throws a UserError where a transport or a target cannot take part in the fault. */
async function assertSubject({ transport, target }: Subject, { fault }: Settings, { isRoot }: Machine): Promise<void> {
  const label = transportLabel(transport);
  const { ownAddress } = await loadTransport(transport);
  if (fault!.everyMs !== undefined && ownAddress === false)
    throw new UserError(
      `The client library of ${label} lets no client choose its address, so none can be cut alone: leave ${label} out.`,
    );
  if (!target) return;
  if (fault!.kind !== "cut")
    throw new UserError(`${fault!.kind} is not possible at a server of your own: cut is, such as --fault cut:50%@5s.`);
  if (!startsOnLoopback(target) && !isRoot)
    throw new UserError(
      "To cut connections of a server that the bench does not start needs root: give --start COMMAND, or run as root.",
    );
}
