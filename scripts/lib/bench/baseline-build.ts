import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
  buildName,
  readEnvironment,
  runGit,
  projectFolder,
  type Environment,
} from "../../../results/model/environment.ts";
import type { BaselineBuild } from "../../../scenarios/runner/run-metadata.ts";
import { RunError, UserError } from "../../../scenarios/lib/errors.ts";
import { pairTrials, type Settings, type Trial } from "../../../scenarios/definitions/settings.ts";
import { exitCodes } from "../cli.ts";
import { checkedOut, folderNamed, linkModules, scratchFolder } from "./git-checkout.ts";
import { runTrialIn, benchCommandIn, pathIn } from "./run-in-build.ts";
import { failureReason, runSubprocess } from "../../../scenarios/system/subprocess.ts";
import type { TrialRunner } from "../run-trials.ts";
import { withTlsSuffix, transportLabel } from "../../../scenarios/transports/load-transport.ts";

/** Another version of this project, built, and how its trials are run beside those of this one. */
export interface OtherBuild {
  record: BaselineBuild;
  folder: string;
  /** Names of its transports, also over TLS. */
  transports: ReadonlySet<string>;
  /** Runs a trial of either build, each as a command of its own, so that nothing but the code differs between them. */
  runTrial: TrialRunner;
}

/** Runs a step that must succeed. Resolves to its output. */
type Step = (name: string, folder: string, command: readonly string[]) => Promise<string>;

/**
 * Builds the version that `ref` names: a git ref of this repository, or a folder with another copy of the project.
 * Undefined where `signal` aborted. Temporary files are removed when this process exits. Throws a UserError where there
 * is no such version, and a RunError where it cannot be built.
 */
export async function prepareBaseline(
  ref: string,
  here: Environment,
  signal: AbortSignal,
): Promise<OtherBuild | undefined> {
  const step: Step = async (name, folder, command) => {
    const ended = await runSubprocess(command, folder, signal);
    if (ended.code === 0 && !signal.aborted) return ended.out;
    throw new RunError(`Cannot measure against ${ref}: its ${name} failed: ${failureReason(ended)}`);
  };
  try {
    return await built(ref, here, step);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function built(ref: string, here: Environment, step: Step): Promise<OtherBuild> {
  const scratch = scratchFolder();
  const addTree = (command: readonly string[]): Promise<string> => step("checkout", projectFolder, command);
  const folder = (await checkedOut(ref, join(scratch, "tree"), addTree)) ?? folderNamed(ref);
  // The build that is running now is not built again.
  if (realpathSync(folder) !== realpathSync(projectFolder)) {
    console.log(`Building ${ref} to measure against it.`);
    if (!linkModules(folder)) await step("npm ci", folder, ["npm", "ci", "--no-audit", "--no-fund"]);
    await step("build (tsc)", folder, [process.execPath, join(folder, "node_modules/typescript/bin/tsc")]);
  }
  const transports = await listedTransports(ref, folder, step);
  const environment = readEnvironment(folder);
  const build = nameBeside(buildName(here), folder, environment);
  return {
    record: { ref, build, environment },
    folder,
    transports,
    runTrial: runTrialIn((trial) => (trial.build === build ? folder : projectFolder), scratch),
  };
}

const listSchema = z.object({
  transports: z.array(z.object({ name: z.string(), noTlsReason: z.string().optional() })),
});

/**
 * Names that a version lists. Throws a RunError where its bench refuses to list them, or prints something else, as
 * versions before that option do.
 */
async function listedTransports(ref: string, folder: string, step: Step): Promise<Set<string>> {
  try {
    return namesIn(await step("bench --list", folder, benchCommandIn(folder, ["--list", "--format", "json"])));
  } catch (error) {
    throw new RunError(
      `Cannot measure against ${ref}: it is older than \`bench --list --format json\`. Name a newer version.`,
      { cause: error },
    );
  }
}

/** Names in such a list, also over TLS. Throws where it is none. */
function namesIn(list: string): Set<string> {
  const { transports } = listSchema.parse(JSON.parse(list));
  return new Set(
    transports.flatMap(({ name, noTlsReason }) => (noTlsReason === undefined ? [name, withTlsSuffix(name)] : [name])),
  );
}

/**
 * Name of the build in rows: its commit, or its folder without git. Never `here`, since rows tell the builds apart by
 * it.
 */
function nameBeside(here: string, folder: string, theirs: Environment): string {
  const tracked = runGit(folder, "ls-files", "--error-unmatch", "package.json") !== null;
  const name = tracked ? buildName(theirs) : basename(folder);
  return name === here ? `${name} (baseline)` : name;
}

/**
 * The trials of this build, which rows name `here`, and of the other, in pairs. Trials of a transport that the other
 * does not have stay alone, and a sentence says so. Throws a UserError where the other build has none of the
 * transports.
 */
export function withBaselineTrials(other: OtherBuild, trials: readonly Trial[], here: string): Trial[] {
  const { ref, build } = other.record;
  const lacking = [...new Set(trials.map(({ transport }) => transport))].filter((name) => !has(other, name));
  const labels = lacking.map(transportLabel).join(", ");
  if (trials.every(({ transport }) => lacking.includes(transport)))
    throw new UserError(`${ref} has no ${labels}: there is nothing to compare.`);
  if (labels !== "") console.log(`${ref} has no ${labels}: measured in this version only.`);
  return pairTrials(trials, [here, build])
    .filter((trial) => trial.build === here || !lacking.includes(trial.transport))
    .map((trial) => (trial.build === here ? trial : { ...trial, settings: withoutThresholds(trial.settings) }));
}

/** Thresholds are for this build: the trials of the other one run to their end. */
function withoutThresholds({ thresholds: _thresholds, abortOnThreshold: _abort, ...settings }: Settings): Settings {
  return settings;
}

/** Runs `npm run compare -- FILE` on the builds of a CSV, with these options. Returns its exit code. */
export function compareBuilds(path: string, options: readonly string[]): number {
  const script = fileURLToPath(new URL("../../compare.js", import.meta.url));
  const { status } = spawnSync(process.execPath, [...process.execArgv, script, path, ...options], { stdio: "inherit" });
  return status ?? exitCodes.rowFailed;
}

function has({ folder, transports }: OtherBuild, name: string): boolean {
  return transports.has(name) || (isAbsolute(name) && existsSync(pathIn(folder, name)));
}
