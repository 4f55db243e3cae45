import type { Target } from "../../../scenarios/definitions/target.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { unreadableProcess } from "../../../scenarios/system/program-usage.ts";
import { userPath } from "../cli.ts";
import type { TargetFlags } from "./target-flags.ts";

/**
 * The program of a target: the command that starts it, or its process. Empty where neither is given. Throws a UserError
 * where there is no command or no such process. `proc` is the kernel's folder, for tests.
 */
export function targetProgram(
  { start, targetPid: pid }: Pick<TargetFlags, "start" | "targetPid">,
  proc?: string,
): Pick<Target, "start" | "folder" | "pid"> {
  if (start?.trim() === "") throw new UserError("--start is empty: give a shell command, such as 'node server.js'.");
  const problem = pid === undefined ? undefined : unreadableProcess(pid, proc);
  if (problem !== undefined) throw new UserError(problem);
  return {
    ...(start !== undefined && { start, folder: userPath(".") }),
    ...(pid !== undefined && { pid }),
  };
}
