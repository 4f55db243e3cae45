import { availableCores } from "../../results/model/cores.ts";
import type { ClientProgram } from "../contract.ts";
import { pagesOfProcess } from "../lib/browser-pages.ts";
import { allProcesses } from "../lib/processes.ts";
import type { ProcessUsage } from "../system/process-usage.ts";
import { loadTransport } from "../transports/load-transport.ts";
import { planShare } from "../workload/plan-workload.ts";
import type { WorkerAssignment } from "./virtual-clients.ts";

/** Starts the program, such as a browser, in which the clients of a worker are. Undefined where they are in none. */
export async function startClientProgram(assignment: WorkerAssignment): Promise<ClientProgram | undefined> {
  const { transport: name, settings, worker, addresses, options } = assignment;
  const { client, clientsPerPage } = await loadTransport(name);
  const { program } = await client();
  if (!program || clientsPerPage === undefined) return undefined;
  const clients = planShare(settings, worker).clients.length;
  const pages = pagesOfProcess(clients, settings.clients, clientsPerPage, availableCores());
  await program.start({ clients, pages, addresses: addresses.flat(), options });
  return program;
}

/** The usage of a worker with that of its client program: both are the load generator. CPU time is exact to 10 ms a process. */
export function withProgramUsage(usage: ProcessUsage, program: ClientProgram | undefined): ProcessUsage {
  const group = program?.group();
  if (group === undefined) return usage;
  const cpuUs = allProcesses().reduce((sum, each) => sum + (each.group === group ? each.cpuUs : 0), 0);
  return { ...usage, cpuUs: usage.cpuUs + cpuUs };
}
