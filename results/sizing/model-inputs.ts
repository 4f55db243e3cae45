import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../scenarios/lib/errors.ts";
import { isSideFile, withoutSideFiles } from "../files/csv.ts";
import { readResults, type ResultFileContent } from "../files/read.ts";
import type { Row } from "../model/columns.ts";
import { projectFolder } from "../model/environment.ts";
import { minLoads, fitModel, type CostModel } from "./model.ts";
import { groupObservations, observationsFrom } from "./observations.ts";

/** Cost model of a transport, or the sentence that says why its rows do not suffice for one. */
export type FittedTransport = { transport: string; model: CostModel } | { transport: string; missing: string };

/** Result files of the reference machine, which come with the project. Throws a UserError if there are none. */
export function referenceLoads(): string[] {
  const folder = join(projectFolder, "results", "reference", "loads");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names.filter((name) => name.endsWith(".csv") && !isSideFile(name));
  if (files.length === 0) throw new UserError("results/reference/loads has no result files. Give files with --from.");
  return files.toSorted().map((name) => join(folder, name));
}

/** Reads result files. Side files are passed over. */
export function readModelFiles(paths: readonly string[]): Promise<ResultFileContent[]> {
  return Promise.all(withoutSideFiles(paths).map(readResults));
}

/** Fits a cost model for each transport in the rows. */
export function fitModels(rows: readonly Row[]): FittedTransport[] {
  const names = [...new Set(rows.flatMap(({ transport }) => transport ?? []))];
  return names.map((transport) => {
    const observations = observationsFrom(rows.filter((row) => row.transport === transport));
    const model = fitModel(transport, observations);
    if (model) return { transport, model };
    const usable = groupObservations(observations).length;
    const missing =
      `Unknown. The model needs rows of at least ${minLoads} loads that differ in clients, rate, room size and payload. ` +
      `${usable} ${usable === 1 ? "load is" : "loads are"} usable: valid or suspect, with the server at most 70 % busy. ` +
      `results/reference/README.md lists what to measure.`;
    return { transport, missing };
  });
}

/**
 * The CPU that all files were measured on; undefined where no file recorded it. CPU seconds of different machines
 * cannot be compared.
 */
export function commonCpu(files: readonly ResultFileContent[]): string | undefined {
  const cpus = [...new Set(files.flatMap(({ record }) => record?.environment.cpu ?? []))];
  if (cpus.length > 1)
    throw new UserError(`The files were measured on different CPUs (${cpus.join("; ")}): give files of one machine.`);
  return cpus[0];
}

/** Descriptor limit of a process where no run recorded it: a cautious default. */
const defaultDescriptorLimit = 20_000;

/** File descriptors that a process may open: the lowest limit that the runs recorded, else 20,000. */
export function descriptorLimitOf(files: readonly ResultFileContent[]): number {
  const limits = files.flatMap(({ record }) => record?.environment.descriptor_limit ?? []);
  return Math.min(...(limits.length > 0 ? limits : [defaultDescriptorLimit]));
}
