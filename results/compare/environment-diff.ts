import { buildName } from "../model/environment.ts";
import type { RunRecord } from "../files/run-record.ts";

type Environment = RunRecord["environment"];

/** What was found out of a place or a trial; null or undefined where nothing was. */
type Value = string | number | null | undefined;

/** One fact about the place of a run, and what it means where two runs do not share it. */
interface EnvironmentFact {
  name: string;
  of(environment: Environment): Value;
  means: string;
}

const otherMachine = "times and CPU are those of two machines";
const facts: EnvironmentFact[] = [
  { name: "CPU", of: ({ cpu }) => cpu, means: otherMachine },
  { name: "number of cores", of: ({ cores }) => cores, means: "server and workers share them otherwise" },
  { name: "memory (MiB)", of: ({ memory_mib }) => memory_mib, means: "it may be another machine" },
  { name: "system", of: ({ os, arch }) => `${os} ${arch}`, means: "sockets and scheduling may cost otherwise" },
  { name: "version of Node", of: ({ node }) => node, means: "every transport runs on it" },
  {
    name: "set of Node's options",
    of: ({ node_options }) => node_options ?? "none",
    means: "memory and compilation may cost otherwise",
  },
  {
    name: "package bufferutil",
    of: ({ bufferutil }) => (bufferutil ? "there" : "not there"),
    means: "ws masks frames with it",
  },
  {
    name: "congestion control",
    of: ({ congestion_control }) => congestion_control,
    means: "it decides when TCP may send",
  },
  {
    name: "descriptor limit",
    of: ({ descriptor_limit }) => descriptor_limit,
    means: "connections beyond it are refused",
  },
  {
    name: "harness",
    of: (environment) => `${environment.harness.version} ${buildName(environment)}`,
    means: "what changed in it is in the shifts, too",
  },
];

/** Sentences about what differs between the places of two runs and what that may mean. */
export function environmentDiff(before: Environment, after: Environment): string[] {
  return [
    ...facts.flatMap((fact) => factDiffers(fact, before, after)),
    ...librariesDiffer(before, after),
    ...load(before, after),
  ];
}

function factDiffers({ name, of, means }: EnvironmentFact, before: Environment, after: Environment): string[] {
  const [was, is] = [of(before), of(after)];
  return was === is ? [] : [differenceText(`The ${name}`, was, is, means)];
}

/** The sentence in which a difference is told. */
export function differenceText(subject: string, before: Value, after: Value, means: string): string {
  return `${subject}: ${before ?? "not known"} before, ${after ?? "not known"} after; ${means}.`;
}

/** A sentence about all libraries that are not the same, where there are any: two builds in one run may differ in these. */
export function librariesDiffer({ libraries: before }: Environment, { libraries: after }: Environment): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names
    .filter((name) => (before[name] ?? null) !== (after[name] ?? null))
    .map((name) => `${name} ${before[name] ?? "none"} to ${after[name] ?? "none"}`);
  return changed.length === 0 ? [] : [`Libraries: ${changed.join(", ")}; their shifts may be theirs.`];
}

/** Somebody else's processes: more than half of the cores' worth, or a core's worth more on one side. */
function load(before: Environment, after: Environment): string[] {
  const [was = 0, is = 0] = [before.load_average[0], after.load_average[0]];
  const busy = Math.max(was / before.cores, is / after.cores) > 0.5 || Math.abs(was - is) > 1;
  return busy ? [differenceText("The load average at the start", was, is, "something else may have taken CPU")] : [];
}
