import { UserError } from "../../scenarios/lib/errors.ts";
import type { Row } from "../model/columns.ts";
import type { ResultFileContent } from "../files/read.ts";
import { minLoads, fitModel, type CostModel } from "./model.ts";
import { groupByLoad, observationsFrom } from "./observations.ts";

/** The model of each transport, or a sentence that says what its rows lack. */
export function fitModels(rows: readonly Row[]): { transport: string; model?: CostModel; lacks?: string }[] {
  const names = [...new Set(rows.flatMap(({ transport }) => transport ?? []))];
  return names.map((transport) => {
    const observed = observationsFrom(rows.filter((row) => row.transport === transport));
    const model = fitModel(transport, observed);
    if (model) return { transport, model };
    const lacks =
      `Not known: the model needs rows of ${minLoads} loads that differ in clients, rate, room and payload, and of those that are ` +
      `valid or suspect, with the server's core at most 70 % busy, there are ${groupByLoad(observed).length}. results/reference/README.md lists ` +
      `what to measure.`;
    return { transport, lacks };
  });
}

/** Descriptors per process where no run recorded its limit: what a cautious system allows. */
const usualLimit = 20_000;

/** CPU seconds of different machines cannot be added up. */
export function cpuNames(files: readonly ResultFileContent[]): string | undefined {
  const cpus = [...new Set(files.flatMap(({ record }) => record?.environment.cpu ?? []))];
  if (cpus.length > 1)
    throw new UserError(`The files were measured on different CPUs (${cpus.join("; ")}): give those of one machine.`);
  return cpus[0];
}

/** Descriptors that a process may have open where the rows were measured: the least of the runs' limits, 20,000 where none is recorded. */
export function descriptorLimitOf(files: readonly ResultFileContent[]): number {
  const limits = files.flatMap(({ record }) => record?.environment.descriptor_limit ?? []);
  return Math.min(...(limits.length > 0 ? limits : [usualLimit]));
}
