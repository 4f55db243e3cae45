import type { ColumnName } from "../../model/columns.ts";
import { groupBy } from "../../text/lists.ts";
import { loadColumns, loadTitle, type LoadGroup, type TransportEntry } from "./load-groups.ts";
import {
  linkRateOf,
  lossPercentOf,
  networkTitle,
  networkWords,
  rttMsOf,
  type NetworkWords,
} from "./network-conditions.ts";

/** A condition that increases within a series of networks. */
export interface NetworkAxis {
  /** Word of the condition. */
  word: "rtt" | "loss" | "rate";
  title: string;
  unit: string;
  /** Value of the condition; undefined where the network has none. */
  valueOf(words: NetworkWords): number | undefined;
  /** True if a larger value is the better network. */
  largerIsBetter: boolean;
}

/** Rate of the narrower way of a link, in kbit/s. */
function narrowerRateOf(words: NetworkWords): number | undefined {
  const rate = linkRateOf(words);
  return rate && Math.min(rate.down, rate.up);
}

const networkAxes: readonly NetworkAxis[] = [
  { word: "rtt", title: "round-trip time", unit: "ms", valueOf: rttMsOf, largerIsBetter: false },
  { word: "loss", title: "loss each way", unit: "%", valueOf: lossPercentOf, largerIsBetter: false },
  { word: "rate", title: "rate of a client's link", unit: "kbit/s", valueOf: narrowerRateOf, largerIsBetter: true },
];

/** One network of a series. */
export interface NetworkPoint {
  x: number;
  group: LoadGroup;
}

/** One load over networks that differ in one condition, from the best network to the worst. */
export interface NetworkSeries {
  axis: NetworkAxis;
  points: readonly NetworkPoint[];
  /** The conditions that do not change; undefined where other conditions change as well. */
  fixed: NetworkWords | undefined;
}

/** One load that was measured over several networks. */
export interface NetworkedLoad {
  title: string;
  /** One for each network, in the order of the rows. */
  groups: readonly LoadGroup[];
  series: readonly NetworkSeries[];
}

const networkColumns: readonly ColumnName[] = ["network", "network_by"];
const fixedColumns = loadColumns.filter((name) => !networkColumns.includes(name));

/** Loads with rows of several networks that have conditions. Networks of two means are two networks. */
export function networkedLoads(all: readonly LoadGroup[]): NetworkedLoad[] {
  const keyOf = ({ source, load }: LoadGroup): string =>
    JSON.stringify([source.name, load.build, ...fixedColumns.map((name) => load[name])]);
  const known = all.filter(({ load }) => networkWords(load.network));
  const loads = groupBy(known, keyOf).map(([, groups]) => groups);
  const several = loads.filter((groups) => groups.length > 1);
  return several.map((groups) => ({
    title: loadTitle(groups[0]!, all, networkColumns),
    groups,
    series: seriesOf(groups),
  }));
}

/** Names of the networks of a load, in their order. */
export function networkTitles(groups: readonly LoadGroup[]): string[] {
  const loads = groups.map(({ load }) => load);
  const means = new Set(loads.map((load) => load.network_by).filter((by) => by !== "none"));
  return loads.map((load) => {
    const by = means.size > 1 && load.network_by !== "none" ? ` by ${load.network_by ?? "unknown means"}` : "";
    return `${networkTitle(load, loads)}${by}`;
  });
}

/** The transports of these groups, each once, by their slot. */
export function entriesOf(groups: readonly LoadGroup[]): TransportEntry[] {
  const all = groups.flatMap(({ entries }) => entries.filter(({ counted }) => counted.length > 0));
  const once = new Map(all.map((entry) => [entry.label, entry]));
  return [...once.values()].toSorted((one, other) => one.slot - other.slot);
}

/** The transports of a series. */
export function seriesEntries({ points }: NetworkSeries): TransportEntry[] {
  return entriesOf(points.map(({ group }) => group));
}

/**
 * Series of networks that differ in one condition alone. Where no two networks do, as with named ones, all of them by
 * their round-trip time.
 */
function seriesOf(groups: readonly LoadGroup[]): NetworkSeries[] {
  const found = networkAxes.flatMap((axis) => alongAxis(axis, groups));
  return found.length > 0 ? found : seriesFrom(networkAxes[0]!, groups, undefined);
}

/** The loopback is the network of no distance, whatever makes the others and whatever their congestion control. */
function alongAxis(axis: NetworkAxis, groups: readonly LoadGroup[]): NetworkSeries[] {
  const loopback = groups.filter(({ load }) => load.network === "loopback");
  const emulated = groups.filter((each) => !loopback.includes(each));
  const keyOf = ({ load }: LoadGroup): string => JSON.stringify([load.network_by, fixedWords(axis, load.network)]);
  return groupBy(emulated, keyOf).flatMap(([, alike]) => {
    const fixed = fixedWords(axis, alike[0]!.load.network);
    const isBare = axis.word === "rtt" && Object.keys(fixed).every((word) => word === "cc");
    return seriesFrom(axis, [...(isBare ? loopback : []), ...alike], fixed);
  });
}

/** Conditions without that of an axis. The usual queue depends on the rate, so it goes with it. */
function fixedWords({ word }: NetworkAxis, network: string | undefined): NetworkWords {
  const { [word]: _varies, queue, ...rest } = networkWords(network)!;
  return { ...rest, ...(queue !== undefined && word !== "rate" && { queue }) };
}

function seriesFrom(axis: NetworkAxis, groups: readonly LoadGroup[], fixed: NetworkWords | undefined): NetworkSeries[] {
  const points = groups.flatMap((group): NetworkPoint[] => {
    const x = axis.valueOf(networkWords(group.load.network)!);
    return x === undefined ? [] : [{ x, group }];
  });
  if (new Set(points.map(({ x }) => x)).size < 2) return [];
  const order = axis.largerIsBetter ? -1 : 1;
  return [{ axis, fixed, points: points.toSorted((one, other) => order * (one.x - other.x)) }];
}
