import type { RunRecord } from "../files/run-record.ts";
import { buildName } from "../model/environment.ts";

type Environment = RunRecord["environment"];

/** A recorded fact; null or undefined where it could not be found out. */
type Value = string | number | null | undefined;

interface EnvironmentFact {
  name: string;
  of(environment: Environment): Value;
  /** A sentence: what it means for a comparison when the fact differs. */
  consequence: string;
}

const facts: EnvironmentFact[] = [
  { name: "CPU", of: ({ cpu }) => cpu, consequence: "Times and CPU use are those of two machines." },
  { name: "CPU cores", of: ({ cores }) => cores, consequence: "Server and workers share them in another way." },
  { name: "Memory (MiB)", of: ({ memory_mib }) => memory_mib, consequence: "It may be another machine." },
  {
    name: "Operating system",
    of: ({ os, arch }) => `${os} ${arch}`,
    consequence: "Sockets and scheduling may cost more or less.",
  },
  { name: "Node version", of: ({ node }) => node, consequence: "Every transport runs on it." },
  {
    name: "Node options",
    of: ({ node_options }) => node_options ?? "none",
    consequence: "Memory and compilation may cost more or less.",
  },
  {
    name: "Package bufferutil",
    of: ({ bufferutil }) => (bufferutil ? "installed" : "not installed"),
    consequence: "ws masks frames with it.",
  },
  {
    name: "TCP congestion control",
    of: ({ congestion_control }) => congestion_control,
    consequence: "It decides when TCP may send.",
  },
  {
    name: "Descriptor limit",
    of: ({ descriptor_limit }) => descriptor_limit,
    consequence: "Connections beyond it are refused.",
  },
  {
    name: "Harness",
    of: (environment) => `${environment.harness.version} ${buildName(environment)}`,
    consequence: "Its own changes are part of every shift.",
  },
];

/** A sentence for each difference between the environments of two runs, with its consequence. */
export function environmentDiff(before: Environment, after: Environment): string[] {
  return [
    ...facts.flatMap((fact) => factDiff(fact, before, after)),
    ...librariesDiff(before, after),
    ...loadDiff(before, after),
  ];
}

function factDiff({ name, of, consequence }: EnvironmentFact, before: Environment, after: Environment): string[] {
  const [old, present] = [of(before), of(after)];
  return old === present ? [] : [`${differenceText(name, old, present)}. ${consequence}`];
}

/** One difference, without a full stop: `workers: 1 before, 2 after`. */
export function differenceText(subject: string, before: Value, after: Value): string {
  return `${subject}: ${before ?? "not known"} before, ${after ?? "not known"} after`;
}

/** One sentence for all libraries whose versions differ. Two builds of one run may differ in them. */
export function librariesDiff({ libraries: before }: Environment, { libraries: after }: Environment): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names
    .filter((name) => (before[name] ?? null) !== (after[name] ?? null))
    .map((name) => `${name} ${before[name] ?? "none"} to ${after[name] ?? "none"}`);
  return changed.length === 0 ? [] : [`Libraries: ${changed.join(", ")}. A shift may come from them.`];
}

/**
 * A load average above half of the cores, or of one core more on one side, is reported: other programs were running.
 */
function loadDiff(before: Environment, after: Environment): string[] {
  const [old = 0, present = 0] = [before.load_average[0], after.load_average[0]];
  const busy = Math.max(old / before.cores, present / after.cores) > 0.5 || Math.abs(old - present) > 1;
  return busy
    ? [`${differenceText("Load average at the start", old, present)}. Other programs may have used CPU time.`]
    : [];
}
