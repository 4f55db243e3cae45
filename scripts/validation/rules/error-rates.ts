import type { Row } from "../../../results/model/columns.ts";
import { evaluateRules, validityRules } from "../../../results/rows/validity-rules.ts";
import { hodgesLehmann, type Shift } from "../../../results/statistics/hodges-lehmann.ts";
import { median } from "../../../results/statistics/median.ts";
import { proportion, type Proportion } from "../../../results/statistics/proportion.ts";
import { groupBy } from "../../../results/text/lists.ts";
import { cellOf, type RuleObservation } from "./rule-observations.ts";
import { injections } from "./disturbances.ts";

/** Rows that a rule flagged, of all rows. */
export interface Flagged {
  flagged: number;
  rows: number;
}

/** How often a rule doubts an undisturbed row. */
export interface FalseAlarms extends Flagged {
  rule: string;
  interval: Proportion | undefined;
}

/** What an injection of one size did to the numbers of a row, and how often any rule flagged it. */
export interface InjectionRates extends Flagged {
  injection: string;
  size: number;
  /** Rows that a rule flagged which should find this injection. */
  found: number;
  /** Change against undisturbed rows, as a share of their median; undefined where one of them is not known. */
  changes: Record<MovedColumn, number | undefined>;
  /** True where one of them is a tenth or more, and not by chance. */
  moves: boolean;
}

/** The numbers of a row that a disturbance must not move unnoticed. */
const movedColumns = ["latency_p50_us", "latency_p99_us", "server_cpu_us_per_delivery"] as const;
export type MovedColumn = (typeof movedColumns)[number];

/** A change of this share must not go unnoticed. */
const movedBy = 0.1;

/** The least share of rows in which a size must be found to count as detected. */
const detectedShare = 0.95;

/** Everything that a proof of the rules found. Plain JSON. */
export interface RuleRates {
  undisturbed: readonly { cell: string; valid: number; rows: number }[];
  falseAlarms: readonly FalseAlarms[];
  injections: readonly InjectionRates[];
}

/** An observation with what the rules of this version say of it. */
export interface JudgedObservation extends RuleObservation {
  ids: readonly string[];
  /** True where a rule makes it suspect or invalid. */
  doubted: boolean;
}

/** Repeats that are siblings of one another in a run. */
const repeatsOfRun = 5;

/** Applies the rules to each observation. Its siblings are the rows before it in a run of five repeats. */
export function judge(observations: readonly RuleObservation[]): JudgedObservation[] {
  const undisturbed = groupBy(
    observations.filter(({ injection }) => injection === undefined),
    cellOf,
  );
  const usual = new Map(undisturbed.map(([cell, group]) => [cell, group.map(({ row }) => row)]));
  return observations.map((observation) => {
    const { row, measurement, injection } = observation;
    const cell = cellOf({ row });
    const own = usual.get(cell) ?? [];
    const place = own.indexOf(row);
    // A disturbed row comes after undisturbed repeats.
    const siblings = injection === undefined ? own.slice(place - (place % repeatsOfRun), place) : baseRows(usual);
    const { rules, status } = evaluateRules(row, measurement, siblings);
    return { ...observation, ids: rules, doubted: status !== "valid" };
  });
}

/** The first undisturbed repeats of the transport that is disturbed. */
function baseRows(usual: ReadonlyMap<string, readonly Row[]>): readonly Row[] {
  return usual.get("chat-100 ws")?.slice(0, repeatsOfRun - 1) ?? [];
}

/** The rates of all rules over these rows. */
export function ruleRates(judged: readonly JudgedObservation[]): RuleRates {
  return { undisturbed: validRows(judged), falseAlarms: falseAlarms(judged), injections: injectionRates(judged) };
}

/** The false alarms of every rule that doubts a row. */
function falseAlarms(judged: readonly JudgedObservation[]): FalseAlarms[] {
  const undisturbed = judged.filter(({ injection }) => injection === undefined);
  return Object.entries(validityRules)
    .filter(([, { verdict }]) => verdict !== "valid")
    .map(([rule]) => {
      const alarms = countFlagged(undisturbed, ({ ids }) => ids.includes(rule));
      return { rule, ...alarms, interval: proportion(alarms.flagged, alarms.rows) };
    });
}

/** Undisturbed rows that no rule doubts, by scenario and transport. */
function validRows(judged: readonly JudgedObservation[]): RuleRates["undisturbed"] {
  const undisturbed = judged.filter(({ injection }) => injection === undefined);
  return groupBy(undisturbed, cellOf).map(([cell, group]) => {
    const { flagged, rows } = countFlagged(group, ({ doubted }) => doubted);
    return { cell, valid: rows - flagged, rows };
  });
}

/** What each injection did, and how often any rule doubted its rows. */
function injectionRates(judged: readonly JudgedObservation[]): InjectionRates[] {
  const base = judged.filter((each) => each.injection === undefined && cellOf({ row: each.row }) === "chat-100 ws");
  return Object.keys(injections).flatMap((injection) =>
    bySize(judged, injection).map(([size, group]) => ({
      injection,
      size,
      ...countFlagged(group, ({ doubted }) => doubted),
      found: countFlagged(group, ({ ids }) => ids.some((id) => injections[injection]!.rules.includes(id))).flagged,
      ...changesOf(base, group),
    })),
  );
}

/** The smallest size from which on a rule that should find the injection does so in 95 of 100 rows. */
export function detectedSize(rates: readonly InjectionRates[], injection: string): number | undefined {
  const own = rates.filter((each) => each.injection === injection);
  const missed = own.findLastIndex(({ found, rows }) => found < detectedShare * rows);
  return own[missed + 1]?.size;
}

function bySize(judged: readonly JudgedObservation[], injection: string): [number, JudgedObservation[]][] {
  const own = judged.filter((each) => each.injection === injection);
  return groupBy(own, ({ size }) => String(size))
    .map(([size, group]): [number, JudgedObservation[]] => [Number(size), group])
    .toSorted(([one], [other]) => one - other);
}

function changesOf(
  base: readonly RuleObservation[],
  disturbed: readonly RuleObservation[],
): Pick<InjectionRates, "changes" | "moves"> {
  const changes = movedColumns.map((name): [MovedColumn, Shift | undefined] => [name, changeOf(base, disturbed, name)]);
  return {
    changes: Object.fromEntries(changes.map(([name, change]) => [name, change?.shift])) as InjectionRates["changes"],
    moves: changes.some(([, change]) => change && Math.abs(change.shift) >= movedBy && change.low * change.high > 0),
  };
}

/** The Hodges-Lehmann shift of a column, as a share of the undisturbed median. */
function changeOf(
  base: readonly RuleObservation[],
  disturbed: readonly RuleObservation[],
  name: MovedColumn,
): Shift | undefined {
  const valuesOf = (all: readonly RuleObservation[]): number[] =>
    all.map(({ row }) => row[name]).filter((value) => value !== undefined);
  const usual = median(valuesOf(base));
  const share = (all: readonly RuleObservation[]): number[] => valuesOf(all).map((value) => value / usual!);
  return usual === undefined ? undefined : hodgesLehmann(share(base), share(disturbed));
}

function countFlagged<T>(all: readonly T[], isFlagged: (one: T) => boolean): Flagged {
  return { flagged: all.filter(isFlagged).length, rows: all.length };
}
