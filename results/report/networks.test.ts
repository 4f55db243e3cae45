import { join } from "node:path";
import { expect, it } from "vitest";
import { pairTransports } from "../compare/pairing.ts";
import { readResults } from "../files/read.ts";
import { projectFolder } from "../model/environment.ts";
import { summarise } from "../rows/summary.ts";
import { resultsTable } from "../text/results-table.ts";
import { reportPage } from "./page.ts";
import type { ReportSource } from "./text/load-groups.ts";

/** A run of three transports over eight networks. */
const results = await readResults(join(projectFolder, "results/testing/networks.csv"));
const source: ReportSource = { ...results, name: "networks.csv", points: [] };
const networks = [...new Set(results.rows.map(({ network }) => network!))];

const page = reportPage([source], []);
const section = page.slice(page.indexOf('<section id="networks"'), page.indexOf('<section id="overview"'));
const words = section
  .replaceAll(/<svg.*?<\/svg>/gs, "")
  .replaceAll(/<[^>]+>/g, " ")
  .replaceAll(/\s+/g, " ");

it("begins with the answers, and has a figure for distance, loss and rate", () => {
  expect(page.indexOf('<section id="networks"')).toBeGreaterThan(0);
  expect(words).toMatch(/^ Networks From \d+\sms of round-trip time on, long-poll \(\d+ ms at 200\sms, /);
  const figures = [...section.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title]) => title!.split(",")[0]);
  expect(figures).toEqual([
    "Median latency by round-trip time",
    "Median connect time by round-trip time",
    "p99 latency by loss each way",
    "Bytes per delivery by rate of a client&#39;s link",
    "Median latency by rate of a client&#39;s link",
  ]);
});

it("has a row for each network, with the numbers of its own rows", () => {
  const [table] = section.match(/<table>.*?<\/table>/s)!;
  const lines = [...table.matchAll(/<th scope="row"[^>]*>(.*?)<\/th>/g)].map(([, name]) => name!);
  expect(lines).toEqual(networks.map((network) => network.replace(/,cc=\w+/, "").replaceAll(",", ", ")));
});

it("merges no rows of different networks, in a summary, in a table or in a comparison", () => {
  expect(summarise(results.rows)).toHaveLength(results.rows.length);
  const tables = resultsTable(results.rows).split("\n\n");
  expect(tables.map((table) => table.split("\n")[0])).toEqual(networks.map((each) => `Network ${each} by tun:`));
  const { pairs, unpaired } = pairTransports(results.rows, results.rows, [["ws", "udp"]]);
  expect(unpaired).toEqual([]);
  expect(pairs.map(({ before, after }) => [...before, ...after].map(({ network }) => network))).toEqual(
    networks.map((each) => [each, each]),
  );
});
