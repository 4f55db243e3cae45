import type { GateResult } from "../../results/compare/regression-gate.ts";
import { exitCodes } from "./cli.ts";

/** How a gate ends a command. */
interface GateEnd {
  /** Exit code where a bound was exceeded. */
  exceeded: number;
  /** What could go unnoticed where a bound could not be judged, as in "a regression". */
  unnoticed: string;
  /** True for --allow-undecided. */
  allowUndecided: boolean | undefined;
}

/** Prints the sentences of a gate to standard error. Returns the exit code. */
export function reportGate({ exceeded, undecidable }: GateResult, end: GateEnd): number {
  for (const sentence of [...exceeded, ...undecidable]) console.error(sentence);
  if (exceeded.length > 0) return end.exceeded;
  if (undecidable.length === 0 || end.allowUndecided) return exitCodes.done;
  console.error(`So ${end.unnoticed} could go unnoticed. Accept that with --allow-undecided.`);
  return exitCodes.undecided;
}

/** Exit codes by weight. */
const byWeight = [
  exitCodes.rowFailed,
  exitCodes.userMistake,
  exitCodes.thresholdExceeded,
  exitCodes.regression,
  exitCodes.undecided,
  exitCodes.rowSuspect,
];

/** Of several exit codes that apply, the one with the most weight. */
export function firstCode(applying: readonly number[]): number {
  return byWeight.find((code) => applying.includes(code)) ?? exitCodes.done;
}
