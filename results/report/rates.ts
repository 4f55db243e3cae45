import { milliseconds, number } from "../grid.ts";
import { counted as some, type Case, type Entry } from "./cases.ts";
import { html, type Html } from "./html.ts";
import { drawing, type Line } from "./lines.ts";
import { legend } from "./marks.ts";
import { axisFor } from "./scales.ts";
import { figure, table, type Shown } from "./tables.ts";

/** A transport at one offered rate. */
interface Probe {
  entry: Entry;
  offeredPerS: number;
  deliveriesPerS: number;
}

/** Latency over throughput, a figure for each conversation that was measured at several rates with one transport; none where there is none. */
export function rates(cases: readonly Case[]): Html[] {
  return conversations(cases).flatMap((all) => {
    const probes = all.flatMap(probesOf).toSorted((one, other) => one.deliveriesPerS - other.deliveriesPerS);
    const labels = [...new Set(probes.map(({ entry }) => entry.label))];
    const several = labels.some((label) => probes.filter(({ entry }) => entry.label === label).length > 1);
    return several ? [rateFigure(all[0]!, probes, labels)] : [];
  });
}

/** Cases that differ in nothing but the rate and, since a search looks longer where it has to, the length of the window. */
function conversations(cases: readonly Case[]): Case[][] {
  const found = new Map<string, Case[]>();
  for (const each of cases) {
    const { scenario, clients, rooms, senders, payload_bytes, payload_kind, extra_header_bytes, network, build } =
      each.load;
    const key = JSON.stringify([
      each.source.path,
      scenario,
      clients,
      rooms,
      senders,
      payload_bytes,
      payload_kind,
      extra_header_bytes,
      network,
      build,
    ]);
    found.set(key, [...(found.get(key) ?? []), each]);
  }
  return [...found.values()];
}

function probesOf({ entries, load }: Case): Probe[] {
  return entries.flatMap((entry) => {
    const { deliveries_per_s: deliveriesPerS } = entry.summary;
    return deliveriesPerS === undefined ? [] : [{ entry, deliveriesPerS, offeredPerS: load.offered_per_s ?? 0 }];
  });
}

const drawnColumns = { latency_p50_us: "Median latency", latency_p99_us: "99th percentile" } as const;

function rateFigure({ load }: Case, probes: readonly Probe[], labels: readonly string[]): Html {
  const name = `${load.scenario ?? "no scenario"}, ${some(load.clients, "client")}`;
  const entries = labels.map((label) => probes.find(({ entry }) => entry.label === label)!.entry);
  const xs = [...new Set(probes.map(({ deliveriesPerS }) => deliveriesPerS))];
  const x = axisFor("deliveries/s", xs);
  const drawn = Object.entries(drawnColumns).map(([column, title]) => {
    const lines = entries.map((entry): Line => ({
      slot: entry.slot,
      label: entry.label,
      points: pointsOf(probes, entry.label, column),
    }));
    const known = lines.filter(({ points }) => points.length > 0);
    const y = axisFor(
      "ms",
      known.flatMap(({ points }) => points.map(([, ms]) => ms)),
    );
    return (
      known.length > 0 &&
      html`<h4>${title}</h4>
        ${drawing({ title: `${title} by deliveries per second, ${name}`, x, y, lines: known, pointers: probes.map((probe) => probe.deliveriesPerS) })}`
    );
  });
  return figure({
    drawn: html`<h3>${name}</h3>
      ${legend(entries)}${drawn}`,
    caption: html`Lower is better, further to the right is more. Each marker is one offered rate: what was delivered
    (across) and how long it took (up). Where a line turns up steeply, the transport is near its ceiling on this
    machine. Invalid and failed rows are left out.`,
    data: table(`Latency by deliveries per second, ${name}`, shown, probes),
  });
}

function pointsOf(probes: readonly Probe[], label: string, column: string): [number, number][] {
  return probes
    .filter(({ entry }) => entry.label === label)
    .flatMap(({ entry, deliveriesPerS }): [number, number][] => {
      const us = entry.summary[column as keyof typeof drawnColumns];
      return us === undefined ? [] : [[deliveriesPerS, us / 1000]];
    });
}

const shown: Shown<Probe>[] = [
  { heading: "deliveries/s", value: ({ deliveriesPerS }) => number(deliveriesPerS, 1) },
  { heading: "transport", text: true, value: ({ entry }) => entry.label },
  { heading: "offered messages/s", value: ({ offeredPerS }) => offeredPerS.toLocaleString("en") },
  { heading: "p50 ms", value: ({ entry }) => milliseconds(entry.summary.latency_p50_us) },
  { heading: "p99 ms", value: ({ entry }) => milliseconds(entry.summary.latency_p99_us) },
  { heading: "lost", value: ({ entry }) => number(entry.summary.lost, 0) },
  { heading: "repeats", value: ({ entry }) => entry.counted.length },
  { heading: "limited by", text: true, value: ({ entry }) => entry.summary.limited_by },
];
