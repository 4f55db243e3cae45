import type { Target } from "../../../scenarios/definitions/target.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { unreadableProcess } from "../../../scenarios/system/program-usage.ts";
import { userPath } from "../cli.ts";
import type { BenchFlags } from "./options.ts";

/**
 * The program of a target: the command that starts it, or its process. Empty where neither is given. Throws a UserError
 * where there is no target, no command or no such process. `proc` is the kernel's folder, for tests.
 */
export function targetProgram(
  { target, start, targetPid: pid }: Pick<BenchFlags, "target" | "start" | "targetPid">,
  proc?: string,
): Pick<Target, "start" | "folder" | "pid"> {
  const flag = start !== undefined ? "--start" : "--target-pid";
  if (!target && (start ?? pid) !== undefined)
    throw new UserError(`${flag} needs --target: name the address of that server, as in --target 127.0.0.1:8080.`);
  if (start?.trim() === "") throw new UserError("--start is empty: give a shell command, such as 'node server.js'.");
  const problem = pid === undefined ? undefined : unreadableProcess(pid, proc);
  if (problem !== undefined) throw new UserError(problem);
  return {
    ...(start !== undefined && { start, folder: userPath(".") }),
    ...(pid !== undefined && { pid }),
  };
}
