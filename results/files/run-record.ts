import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorMessage } from "../../scenarios/lib/errors.ts";
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

/** Reads a run record, with the names of the present version. A record that is missing or not readable is a warning. */
export function readRunRecord(path: string, warnings: ReadWarning[]): RunRecord | undefined {
  try {
    const { success, data, error } = runRecord.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (success) return presentRecord(data);
    const detail = `${error.issues[0]!.path.join(".")} is missing or has the wrong type`;
    warnings.push({ id: "foreign-record", path, detail });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") warnings.push({ id: "no-record", path });
    else warnings.push({ id: "unreadable-record", path, detail: errorMessage(error) });
  }
  return undefined;
}
