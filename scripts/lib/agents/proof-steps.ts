import { until } from "../../../scenarios/lib/until.ts";
import type { BridgedHosts } from "./bridged-hosts.ts";
import type { ProofHosts, Stage, StageProcess } from "./stage.ts";

/** A proof: a stage with hosts in, what was seen out. Throws an Error that says what was not as it must be. */
export interface AgentProof {
  claim: string;
  /** True for those that a pipeline runs: each takes less than a minute. */
  quick?: true;
  run(stage: Stage, hosts: BridgedHosts): Promise<string>;
}

/** A window that is long enough for something to go wrong in it. */
export const longWindow = ["--scenario", "chat-100", "--transports", "ws", "--duration", "20s", "--warmup", "500ms"];
/** A trial that only has to go well. */
export const shortWindow = ["--scenario", "chat-100", "--transports", "ws", "--duration", "1s", "--warmup", "500ms"];
/** All agents of a proof, which are there already. */
export const gang = ["--agents", "3", "--agents-wait", "20s"];

/**
 * Starts the three agents of a proof: b1 for the servers, b2 and b3 for clients. `url`: the way of b3 to the broker;
 * default: that of the others.
 */
export async function startAgents(
  stage: Stage,
  { server, clients }: ProofHosts,
  url?: string,
): Promise<StageProcess[]> {
  return [
    await stage.agent("b1", { role: "server", host: server }),
    await stage.agent("b2", { role: "clients", host: clients[0] }),
    await stage.agent("b3", { role: "clients", host: clients[1], ...(url !== undefined && { url }) }),
  ];
}

/** Resolves in the window of the `nth` trial of a run, counted from 1. */
export function measuring({ seen }: StageProcess, nth = 1): Promise<void> {
  return until(
    () => seen.text.split("› measuring").length > nth,
    () => `the window of trial ${nth} begins: ${seen.text}`,
    60_000,
  );
}

/** What goes wrong in a trial of a run, and what is then said. */
interface Failure {
  harm(run: StageProcess): void;
  /** The error of the row. */
  named: RegExp;
  /** Within so many milliseconds. */
  withinMs: number;
  /** Default: one trial with a long window. */
  bench?: readonly string[];
  /** The trial in which it happens. Default: the first. */
  trial?: number;
}

/**
 * Something goes wrong in the window of a trial: its row fails, the earlier rows are kept, the exit code is 1, and no
 * process of the trial is left on any host.
 */
export async function failing(stage: Stage, { harm, named, withinMs, bench, trial = 1 }: Failure): Promise<string> {
  const run = stage.bench("failed.csv", [...(bench ?? longWindow), ...gang]);
  await measuring(run, trial);
  const from = performance.now();
  harm(run);
  await until(() => /^✖ .*failed: /m.test(run.seen.text), "the row fails", withinMs);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  expectCode(await run.code, [1], run);
  const rows = stage.rows("failed.csv");
  const { error = "" } = rows[trial - 1] ?? {};
  if (!named.test(error)) throw new Error(`the row says "${error}"`);
  const earlier = rows.slice(0, trial - 1).filter(({ status }) => status === "failed");
  if (earlier.length > 0) throw new Error(`an earlier row says "${earlier[0]!["error"]}"`);
  await noneLeft(stage);
  return `after ${seconds} s: ${error.replace(/\.$/, "")}${trial > 1 ? `; ${trial - 1} earlier row is kept` : ""}`;
}

/** Waits until no server and no worker is left on any host. */
export function noneLeft(stage: Stage): Promise<void> {
  return until(() => stage.left().length === 0, "no process of the trial is left");
}

/** Waits until every agent has said that it is idle as often as it was lent. */
export async function untilIdle(agents: readonly StageProcess[], withinMs: number): Promise<void> {
  const times = (text: string, word: string): number => text.split(word).length;
  await until(
    () => agents.every(({ seen: { text } }) => times(text, "Lent to run") === times(text, "Idle again")),
    "every agent is idle",
    withinMs,
  );
}

/** A run that must go well. */
export async function goesWell(stage: Stage, args: readonly string[]): Promise<Record<string, string>[]> {
  const run = stage.bench("well.csv", [...args, ...gang]);
  expectCode(await run.code, [0], run);
  return stage.rows("well.csv");
}

/** A command that must end with exit 2 and one sentence. */
export async function refused(run: StageProcess, sentence: RegExp): Promise<string> {
  expectCode(await run.code, [2], run);
  const lines = run.seen.text.trim().split("\n");
  if (!sentence.test(lines.at(-1)!)) throw new Error(`it says: ${run.seen.text}`);
  return lines.at(-1)!;
}

export function assertEqual(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`${what} is ${String(found)}, not ${String(wanted)}`);
}

export function expectCode(code: number | null, wanted: readonly number[], { seen }: StageProcess): void {
  if (code === null || !wanted.includes(code)) throw new Error(`exit ${code}: ${seen.text}`);
}
