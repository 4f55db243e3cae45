import { faultKinds, type Fault } from "../definitions/fault.ts";
import { nowUs } from "../lib/clock.ts";
import { sleepUntil } from "../lib/pace.ts";
import type { Strike } from "../load/interruptions.ts";
import type { PlannedStrike } from "../workload/fault-plan.ts";
import { openFaultMaker, type FaultMaker } from "../system/fault-maker.ts";
import type { AffectedLinks, SilentWays } from "../system/fault-commands.ts";
import type { TrialProcesses } from "./trial-processes.ts";

/** The fault of a trial: what happens, when, and how its clients are told from the others. */
export interface FaultPlan {
  fault: Fault;
  strikes: readonly PlannedStrike[];
  links: AffectedLinks;
}

/** When a fault met which client, on the host's clock. */
export interface FaultTimes {
  strikes: Strike[];
  /** Most by which a fault was complete after its time, in microseconds. */
  lateUs: number;
}

/** What a trial needs to make its fault, ready before the fault is due. */
export interface OpenFault {
  /** Makes the fault from `t0Us` on. Resolves when it is over. */
  run(t0Us: number): Promise<FaultTimes>;
  close(): void;
}

/** Beginning and end of one kind of fault. */
interface Acts {
  begin(strike: PlannedStrike): Promise<void>;
  end?(): Promise<void>;
}

/** Prepares the fault of a trial. Tests pass their own maker. */
export function openFault(
  { fault, strikes, links }: FaultPlan,
  processes: Pick<TrialProcesses, "clientSide" | "network" | "workers" | "restart" | "proxy">,
  openMaker = openFaultMaker,
): OpenFault {
  const { clientSide, network } = processes;
  const maker = openMaker(network?.sides ?? (clientSide && { servers: clientSide, clients: clientSide }), links);
  const acts = actsOf(fault, maker, processes);

  async function strikeAt(t0Us: number, planned: PlannedStrike): Promise<FaultTimes> {
    const dueUs = t0Us + 1000 * planned.atMs;
    await sleepUntil(dueUs);
    const beginUs = nowUs();
    await acts.begin(planned);
    const doneUs = nowUs();
    await sleepUntil(beginUs + 1000 * fault.forMs);
    await acts.end?.();
    const endUs = nowUs(); // a cut is over when it is complete, and a restart when the servers listen
    // What takes a program its time to do is part of the fault.
    const lateUs = faultKinds[fault.kind].picksClients ? doneUs - dueUs : beginUs - dueUs;
    return { strikes: planned.clients.map((client) => ({ client, beginUs, endUs })), lateUs };
  }

  return {
    async run(t0Us) {
      const times = await Promise.all(strikes.map((planned) => strikeAt(t0Us, planned)));
      return {
        strikes: times.flatMap((each) => each.strikes),
        lateUs: Math.max(0, ...times.map(({ lateUs }) => lateUs)),
      };
    },
    close: () => maker.close(),
  };
}

function actsOf(
  { kind, share, everyMs }: Fault,
  maker: FaultMaker,
  { workers, restart, proxy }: Pick<TrialProcesses, "workers" | "restart" | "proxy">,
): Acts {
  const silence = (ways: SilentWays): Acts => ({ begin: () => maker.silence(ways), end: () => maker.restore(ways) });
  const sleepers = share < 1 ? workers.slice(-1) : workers;
  const acts: Record<Fault["kind"], Acts> = {
    cut: { begin: ({ clients }) => maker.cut(everyMs === undefined ? undefined : clients) },
    gone: silence("both"),
    "half-open": silence("down"),
    asleep: {
      async begin() {
        for (const each of sleepers) each.signal("SIGSTOP");
        await maker.silence("both");
      },
      async end() {
        await maker.restore("both");
        for (const each of sleepers) each.signal("SIGCONT");
      },
    },
    restart: { begin: () => restart("graceful") },
    "restart-hard": { begin: () => restart("hard") },
    reload: { begin: () => proxy!.reload() },
  };
  return acts[kind];
}
