import { parse } from "node:path";
import type { RunRecord } from "../files/run-record.ts";
import { groupBy, joinWords } from "../text/lists.ts";
import { differenceText } from "./environment-diff.ts";
import type { TransportRename } from "./pairing.ts";

/** Settings that match columns hold, or that follow from them. Compared trials agree on them. */
const matchSettings = (
  "scenario file app senderSide arrivals halfDuplexSlotMs trace clients rooms senders payloadBytes payloadKind ratePerS durationMs " +
  "extraHeaderBytes servers addresses connectPerMessage pausedClients speakerExcluded"
).split(" ");

/** Settings that say how a trial is judged. What it measures does not depend on them. */
const judgingSettings = ["thresholds", "abortOnThreshold", "dropsAllowed"];

const shorterWarmup = "After a shorter warm-up, more code is compiled within the window.";

/** Sentences: what it means for a comparison when a setting differs. */
const consequences: Record<string, string> = {
  workers: "Receivers in fewer processes wait longer in their queues, which is part of their latency.",
  warmupMs: shorterWarmup,
  maxWarmupMs: shorterWarmup,
  precise: "Senders that spin send more punctually and use more CPU.",
  connectRatePerS: "Clients connect at another pace, which is in the connect times and in connects_per_s.",
  seed: "Messages were due at other times.",
};

/** Sentences about settings and transport options that differ and are no match columns: one per consequence. */
export function settingsDiff(before: RunRecord, after: RunRecord, renames: readonly TransportRename[]): string[] {
  const settings = differingSettings(before, after);
  const sentences = groupBy(settings, ({ name }) => consequences[name] ?? "A shift may come from it.").map(
    ([consequence, group]) => `Setting ${group.map(({ text }) => text).join("; ")}. ${consequence}`,
  );
  const options = differingOptions(before, after, renames);
  return options.length === 0
    ? sentences
    : [...sentences, `Option ${options.join("; ")}. A transport with other options is another transport.`];
}

function differingSettings(before: RunRecord, after: RunRecord): { name: string; text: string }[] {
  const names = new Set([...before.trials, ...after.trials].flatMap(({ settings }) => Object.keys(settings)));
  return [...names]
    .filter((name) => ![...matchSettings, ...judgingSettings].includes(name))
    .flatMap((name) => {
      const [old, present] = [settingText(before, name), settingText(after, name)];
      return old === present ? [] : [{ name, text: differenceText(name, old, present) }];
    });
}

/** The values of a setting in a run. Each repeat has the next seed, so only the first seed counts. */
function settingText({ trials }: RunRecord, name: string): string {
  if (name === "seed") return String(Math.min(...trials.map(({ settings }) => settings.seed)));
  const values = new Set(trials.map(({ settings }) => JSON.stringify(settings[name]) ?? "not set"));
  return [...values].toSorted().join(" and ");
}

/** A phrase for each option that differs, with all transports that it differs for. */
function differingOptions(before: RunRecord, after: RunRecord, renames: readonly TransportRename[]): string[] {
  const [optionsBefore, optionsAfter] = [optionsByTransport(before), optionsByTransport(after)];
  const found = [...optionsBefore].flatMap(([transport, options]) =>
    partners(transport, renames).flatMap((partner) => {
      const others = optionsAfter.get(partner);
      if (!others) return [];
      return [...new Set([...Object.keys(options), ...Object.keys(others)])].flatMap((option) => {
        const [old, present] = [JSON.stringify(options[option]), JSON.stringify(others[option])];
        return old === present ? [] : [{ transport, option, old, present }];
      });
    }),
  );
  return groupBy(found, ({ option, old, present }) => JSON.stringify([option, old, present])).map(([, group]) => {
    const { option, old, present } = group[0]!;
    return differenceText(`${option} of ${joinWords(group.map(({ transport }) => transport))}`, old, present);
  });
}

function partners(transport: string, renames: readonly TransportRename[]): string[] {
  const others = renames.filter(([from]) => from === transport).map(([, to]) => to);
  return others.length > 0 ? others : [transport];
}

/**
 * Options by the name that rows have: a module of the user's own is recorded by its path, and its rows by its file
 * name.
 */
function optionsByTransport({ options }: RunRecord): Map<string, Record<string, unknown>> {
  return new Map(Object.entries(options).map(([name, each]) => [/[/\\]/.test(name) ? parse(name).name : name, each]));
}
