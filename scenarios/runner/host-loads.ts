import type { MachineLoad, ProcessLoad } from "../../results/model/measurement.ts";

/** A process of a trial: its host, its load in the window, and its clients; none where it is a server. */
export interface PlacedProcess {
  host: {
    name: string;
    cores: number;
    /** The same for agents of one machine. */ machine: string | null;
    clockErrorUs: number;
    clock?: MachineLoad["agents"][number]["clock"];
  };
  load: ProcessLoad;
  clients: number;
  /** CPU time of everything on its machine in the window, and the length of the window as this process saw it. */
  machineBusyUs: number | undefined;
  spanUs: number;
}

/**
 * The load of each machine that took part: agents of one machine are one, since they share its cores. Pure. What a machine
 * did besides is what all its cores did, less what the processes of the trial did.
 */
export function loadOfMachines(processes: readonly PlacedProcess[]): MachineLoad[] {
  const machines = new Map<string, PlacedProcess[]>();
  for (const each of processes) {
    const key = each.host.machine ?? each.host.name;
    machines.set(key, [...(machines.get(key) ?? []), each]);
  }
  return [...machines.values()].map((own) => {
    const cpuPercent = cpuOf(own);
    const waits = own.map(({ load }) => load.cpuWaitPercent);
    const { machineBusyUs, spanUs, host } = own[0]!;
    return {
      agents: [...new Set(own.map((each) => each.host.name))].map((name) => {
        const ofAgent = own.filter((each) => each.host.name === name);
        const clients = ofAgent.reduce((sum, each) => sum + each.clients, 0);
        const { clockErrorUs, clock } = ofAgent[0]!.host;
        return { name, clients, cpuPercent: cpuOf(ofAgent), clockErrorUs, ...(clock && { clock }) };
      }),
      cores: host.cores,
      cpuPercent,
      otherCpuPercent:
        machineBusyUs === undefined ? undefined : Math.max(0, (100 * machineBusyUs) / spanUs - cpuPercent),
      cpuWaitPercent: waits.every((wait) => wait !== undefined) ? Math.max(...waits) : undefined,
    };
  });
}

function cpuOf(processes: readonly PlacedProcess[]): number {
  return processes.reduce((sum, { load }) => sum + load.cpuPercent, 0);
}
