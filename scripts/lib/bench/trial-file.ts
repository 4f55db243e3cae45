import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { errorMessage, UserError } from "../../../scenarios/lib/errors.ts";
import type { Trial } from "../../../scenarios/definitions/settings.ts";

/** Fields that every version reads. Others pass through unchecked, since versions differ in them. */
const trialSchema = z.looseObject({
  transport: z.string(),
  repeat: z.number(),
  settings: z.looseObject({
    scenario: z.string(),
    app: z.string(),
    clients: z.number(),
    rooms: z.number(),
    senders: z.number(),
    servers: z.number(),
    addresses: z.number(),
    workers: z.number(),
    ratePerS: z.number(),
    payloadBytes: z.number(),
    payloadKind: z.string(),
    warmupMs: z.number(),
    maxWarmupMs: z.number(),
    durationMs: z.number(),
    extraHeaderBytes: z.number(),
    warmupPauseMs: z.number(),
    precise: z.boolean(),
    seed: z.number(),
  }),
});

/** Writes a trial with its resolved settings as JSON, for `bench --trial` of any version. */
export function writeTrialFile(path: string, { transport, repeat, settings }: Trial): void {
  writeFileSync(path, JSON.stringify({ transport, repeat, settings }));
}

/** Reads such a file. Throws a UserError, one sentence, where it cannot be read or is not a trial. */
export function readTrialFile(path: string): Trial {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UserError(`--trial: cannot read ${path}: ${errorMessage(error)}.`, { cause: error });
  }
  const read = trialSchema.safeParse(content);
  if (read.success) return read.data as unknown as Trial;
  const { path: field } = read.error.issues[0]!;
  throw new UserError(`--trial: ${path} is not a trial: ${field.join(".") || "it"} is missing or of another kind.`);
}
