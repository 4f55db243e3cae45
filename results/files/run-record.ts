import { existsSync } from "node:fs";
import { z } from "zod";
import { errorMessage } from "../../scenarios/lib/errors.ts";
import { readTextFile } from "../../scenarios/lib/text-file.ts";
import type { Row } from "../model/columns.ts";
import { presentRecord } from "./older-version.ts";
import type { ReadWarning } from "./read-warnings.ts";

const environment = z.looseObject({
  harness: z.looseObject({ version: z.string(), commit: z.string().nullable(), changed: z.boolean().nullable() }),
  node: z.string(),
  node_options: z.string().nullish(), // older versions did not record it
  libraries: z.record(z.string(), z.string().nullable()),
  bufferutil: z.boolean(),
  os: z.string(),
  arch: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memory_mib: z.number(),
  congestion_control: z.string().nullable(),
  descriptor_limit: z.number().nullable(),
  load_average: z.array(z.number()),
});

const settings = z.looseObject({ workers: z.number(), warmupMs: z.number(), seed: z.number(), precise: z.boolean() });

const runRecord = z.looseObject({
  run_id: z.string(),
  command: z.array(z.string()),
  environment,
  options: z.record(z.string(), z.record(z.string(), z.unknown())),
  trials: z.array(z.looseObject({ transport: z.string(), repeat: z.number(), settings })),
});

/**
 * The JSON beside a CSV: the command, the environment, the options of each transport and the settings of each trial.
 */
export type RunRecord = z.infer<typeof runRecord>;

/**
 * Reads the record of the run that measured these rows, with the names of the present version. A record that is missing,
 * not readable or of another run is a warning.
 */
export function readRunRecord(path: string, rows: readonly Row[], warnings: ReadWarning[]): RunRecord | undefined {
  const warn = (id: ReadWarning["id"], detail?: string): undefined =>
    void warnings.push({ id, path, ...(detail !== undefined && { detail }) });
  if (!existsSync(path)) return warn("no-record");
  let content: unknown;
  try {
    content = JSON.parse(readTextFile(path, "Name the CSV of a run."));
  } catch (error) {
    return warn("unreadable-record", errorMessage(error));
  }
  const { success, data, error } = runRecord.safeParse(content);
  if (!success) return warn("foreign-record", `${error.issues[0]!.path.join(".")} is missing or has the wrong type`);
  if (rows.some(({ run_id }) => run_id !== undefined && run_id !== data.run_id)) return warn("other-record");
  return presentRecord(data);
}
