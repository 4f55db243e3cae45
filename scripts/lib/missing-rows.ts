import type { Command } from "commander";
import { parseDuration } from "../../scenarios/lib/parse-units.ts";
import { interruption } from "./cli.ts";

/** Flags of a command that measures rows until there are enough. */
export interface RowFlags {
  timeLimit: number;
  file: string;
  out?: string;
  force?: true;
}

/** Adds these flags to a command. `outcome`: what it writes as JSON. */
export function withRowFlags(command: Command, file: string, outcome: string): Command {
  return command
    .option(
      "--time-limit <time>",
      "end after this time; a later run goes on",
      (v) => parseDuration("--time-limit", v),
      7_200_000,
    )
    .option("--file <file>", "where the rows are kept, one JSON object per line", file)
    .option("--out <file>", `write the ${outcome} to this file, as JSON`)
    .option("--force", "overwrite that file");
}

/** Something that is measured several times. */
export interface WantedRows<C> {
  cell: C;
  /** Name that its rows have in common. */
  name: string;
  /** Rows that are wanted of it. */
  wanted: number;
}

/** A row that is still missing. `repeat` counts from 1. */
export interface MissingRow<C> {
  cell: C;
  repeat: number;
}

/**
 * The rows that are still missing beside those with these names, in rounds: each round has one row of every cell that
 * needs one.
 */
export function missingRows<C>(queue: readonly WantedRows<C>[], measured: readonly string[]): MissingRow<C>[] {
  const have = new Map<string, number>();
  for (const name of measured) have.set(name, (have.get(name) ?? 0) + 1);
  const rounds = Array.from({ length: Math.max(0, ...queue.map(({ wanted }) => wanted)) }, (_, round) => round);
  return rounds.flatMap((round) =>
    queue
      .filter(({ name, wanted }) => round < wanted && round >= (have.get(name) ?? 0))
      .map(({ cell }) => ({ cell, repeat: round + 1 })),
  );
}

/**
 * Measures missing rows one after the other until there are no more, the time is up, or a person ends it. Returns true
 * if a person did.
 */
export async function measureMissing<C>(
  missing: readonly MissingRow<C>[],
  timeLimitMs: number,
  measure: (row: MissingRow<C>, signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const signal = interruption();
  const untilMs = performance.now() + timeLimitMs;
  for (const each of missing) {
    if (signal.aborted || performance.now() > untilMs) break;
    await measure(each, signal);
  }
  return signal.aborted;
}
