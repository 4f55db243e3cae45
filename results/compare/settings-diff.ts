import { parse } from "node:path";
import type { RunRecord } from "../files/run-record.ts";
import type { Renames } from "./pairing.ts";
import { differenceText } from "./environment-diff.ts";

/** Settings that the match columns hold, or that follow from them: trials that are compared agree on them. */
const matched = (
  "scenario file app senderSide arrivals halfDuplexSlotMs trace clients rooms senders payloadBytes payloadKind ratePerS durationMs " +
  "extraHeaderBytes servers addresses"
).split(" ");

/** What a setting means that is not the same on both sides. */
const meanings: Record<string, string> = {
  workers: "a crowd in fewer processes queues there, and that is in its latency",
  warmupMs: "a shorter warm-up leaves more to be compiled in the window",
  maxWarmupMs: "a shorter warm-up leaves more to be compiled in the window",
  precise: "senders that spin are less late and take CPU",
  seed: "other messages were due at other moments",
};

/** Sentences about settings of the trials and options of the transports that no match column holds and that differ. */
export function settingsDiff(before: RunRecord, after: RunRecord, renamed: readonly Renames[]): string[] {
  return [...settingsDiffer(before, after), ...optionsDiffer(before, after, renamed)];
}

function settingsDiffer(before: RunRecord, after: RunRecord): string[] {
  const names = new Set([...before.trials, ...after.trials].flatMap(({ settings }) => Object.keys(settings)));
  return [...names]
    .filter((name) => !matched.includes(name))
    .flatMap((name) => {
      const [was, is] = [settingIn(before, name), settingIn(after, name)];
      const means = meanings[name] ?? "it may be in the shifts";
      return was === is ? [] : [differenceText(`The setting ${name}`, was, is, means)];
    });
}

/** Each repeat has the next seed: how many there are is no difference. */
function settingIn({ trials }: RunRecord, name: string): string {
  if (name === "seed") return String(Math.min(...trials.map(({ settings }) => settings.seed)));
  const values = new Set(trials.map(({ settings }) => JSON.stringify(settings[name]) ?? "not set"));
  return [...values].toSorted().join(" and ");
}

/** One sentence for an option that differs, however many transports have it. */
function optionsDiffer(before: RunRecord, after: RunRecord, renamed: readonly Renames[]): string[] {
  const [of, ofAfter] = [optionsOf(before), optionsOf(after)];
  const found = new Map<string, { transports: string[]; option: string; was: string; is: string }>();
  for (const [transport, options] of of)
    for (const other of partners(transport, renamed)) {
      const others = ofAfter.get(other);
      if (!others) continue;
      for (const option of new Set([...Object.keys(options), ...Object.keys(others)])) {
        const [was, is] = [JSON.stringify(options[option]), JSON.stringify(others[option])];
        if (was === is) continue;
        const key = JSON.stringify([option, was, is]);
        const transports = found.get(key)?.transports ?? [];
        found.set(key, { transports: [...transports, transport], option, was, is });
      }
    }
  return [...found.values()].map(({ transports, option, was, is }) =>
    differenceText(`The option ${option} of ${transports.join(", ")}`, was, is, "another option is another transport"),
  );
}

function partners(transport: string, renamed: readonly Renames[]): string[] {
  const others = renamed.filter(([from]) => from === transport).map(([, to]) => to);
  return others.length > 0 ? others : [transport];
}

/** A module of the user's own is recorded by its path, its rows by its file name. */
function optionsOf({ options }: RunRecord): Map<string, Record<string, unknown>> {
  return new Map(Object.entries(options).map(([name, each]) => [/[/\\]/.test(name) ? parse(name).name : name, each]));
}
