import type { LoadGroup } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { quantityFigure, type Quantity } from "./quantity-figure.ts";

const cpu: Quantity[] = [
  { column: "server_cpu_us_per_delivery", title: "Server CPU per delivery", unit: "us", digits: 1, relative: true },
  { column: "client_cpu_us_per_delivery", title: "Client CPU per delivery", unit: "us", digits: 1, relative: true },
];

const memory: Quantity[] = [
  { column: "server_rss_baseline_mib", title: "Memory before the first client", unit: "MiB", digits: 1 },
  { column: "server_rss_mib", title: "Memory at the end", unit: "MiB", digits: 1 },
  { column: "server_rss_kib_per_client", title: "Memory per client", unit: "KiB", digits: 1 },
];

/** CPU per delivery, and memory of the server; undefined where neither was measured. */
export function cpuMemorySection(group: LoadGroup): Html | undefined {
  const base = group.entries.find(({ label }) => label === "tcp")?.summary;
  const cpuFigure = quantityFigure(group, {
    name: "CPU",
    caption: html`Lower is better. CPU time in microseconds, divided by the number of deliveries. Each bar is the median
    of the repeats on a linear axis from 0; the thin line is its interval. On loopback the server's CPU includes the
    kernel's work for the receivers, so compare it with that of raw
    TCP${base ? " (in brackets)" : ", if it was measured"}. The client CPU is that of the load generator.`,
    quantities: cpu,
    tableColumns: ["server_cpu_percent", "server_elu", "client_cpu_percent"],
    base,
  });
  const memoryFigure = quantityFigure(group, {
    name: "Memory of the server",
    caption: html`Lower is better. Resident memory of the server process: before the first client, at the end of the
    measured window, and its growth per client while clients connect. Each bar is the median of the repeats on a linear
    axis from 0; the thin line is its interval.`,
    quantities: memory,
    tableColumns: ["server_gc_ms", "client_rss_mib"],
  });
  return cpuFigure || memoryFigure ? html`${cpuFigure}${memoryFigure}` : undefined;
}
