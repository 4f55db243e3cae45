import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkClaims } from "../../../results/claims/check.ts";
import { claimsText } from "../../../results/claims/format.ts";
import { readResults } from "../../../results/files/read.ts";
import { projectFolder } from "../../../results/model/environment.ts";
import { summaryLegend, summaryTable } from "../../../results/text/results-table.ts";
import { networkProfiles, type NetworkProfile } from "../../../scenarios/definitions/network-profiles.ts";
import type { Scenario } from "../../../scenarios/definitions/scenario.ts";
import { scenarios } from "../../../scenarios/scenarios.ts";
import { readSearchCsv, searchLegend, searchTable, type SearchResult } from "../bench/search-results.ts";
import { columnsText, rulesText, searchColumnsText, timelineColumnsText } from "./column-text.ts";
import type { FaultProof } from "../../validation/faults/fault-cells.ts";
import { faultProofText } from "../../validation/faults/fault-text.ts";
import { networkTableText } from "../../validation/network/network-text.ts";
import type { NetworkTable } from "../../validation/network/network-table.ts";
import { ratesText } from "../../validation/rules/rates-text.ts";
import { proxyMatrix } from "./proxy-matrix.ts";
import { bulletList, codeBlock, paragraph } from "./markdown.ts";
import { settingsText, transportNamesText, transportsText } from "./transport-text.ts";

/** The folder of the runs that the documents show. */
const reference = "results/reference/";
const fromRoot = (path: string): string => join(projectFolder, path);

/**
 * The generated sections of each Markdown file, by the name of their markers: printed from the code and from the
 * reference runs.
 */
export const sections: Record<string, Record<string, () => string | Promise<string>>> = {
  "README.md": {
    run: async () => {
      const { rows } = await readResults(fromRoot(`${reference}chat-1k.csv`));
      return codeBlock(`${summaryTable(rows)}\n\n${summaryLegend}`);
    },
    "transport-names": transportNamesText,
    "scenario-names": () => paragraph(`${Object.keys(scenarios).map(code).join(", ")}.`),
  },
  "scenarios/README.md": {
    scenarios: scenariosText,
    networks: networksText,
    "network-table": () => codeBlock(networkTableText(readNetworkTable())),
    ...faultSection(),
    "proxy-table": async () => codeBlock(proxyMatrix((await readResults(fromRoot(`${reference}proxies.csv`))).rows)),
    search: () => codeBlock(`${searchTable(searchResults())}\n\n${searchLegend}`),
  },
  "servers/README.md": { transports: transportsText, settings: settingsText },
  "results/README.md": {
    compare: () =>
      commandBlock("compare", `${reference}polls.csv ${reference}polls.csv --pair short-poll=short-poll-500ms`),
    claims: async () =>
      codeBlock(claimsText(checkClaims((await readResults(fromRoot(`${reference}claims.csv`))).rows))),
    sizing: () => commandBlock("sizing", "--clients 5000 --rate 2500 --payload-bytes 128 --room-size 1"),
    rules: rulesText,
    "rule-rates": () => codeBlock(ratesText(JSON.parse(readFileSync(fromRoot(`${reference}rules.json`), "utf8")))),
    columns: columnsText,
    "timeline-columns": timelineColumnsText,
    "search-columns": searchColumnsText,
  },
};

function code(text: string): string {
  return `\`${text}\``;
}

/** Every scenario with its question and its numbers. */
function scenariosText(): string {
  return bulletList(
    Object.entries<Scenario>(scenarios).map(([name, each]) => {
      const rate = each.ratePerS === 0 ? "no messages" : `${each.ratePerS.toLocaleString("en")} messages/s`;
      const sizes = [each.payloadBytes].flat().map(formatSize).join(", ");
      const kinds = [each.payloadKind].flat().join(" and ");
      return (
        `${code(name)}: ${each.question} _${each.clients.toLocaleString("en")} clients, ${rate}, ${sizes} ${kinds}, ` +
        `${each.durationMs / 1000} s._`
      );
    }),
  );
}

/** Every named network with its conditions and where they are from. */
function networksText(): string {
  const all: [string, NetworkProfile][] = Object.entries(networkProfiles);
  return bulletList(all.map(([name, { conditions, source }]) => `${code(name)}: ${code(conditions)}. _${source}._`));
}

function readNetworkTable(): NetworkTable {
  return JSON.parse(readFileSync(fromRoot(`${reference}network.json`), "utf8")) as NetworkTable;
}

/** The table of prove:faults, where the reference run has been made. */
function faultSection(): Record<string, () => string> {
  const path = fromRoot(`${reference}faults.json`);
  if (!existsSync(path)) return {};
  return { "fault-table": () => codeBlock(faultProofText(JSON.parse(readFileSync(path, "utf8")) as FaultProof)) };
}

/** A size in the largest binary unit that divides it. */
function formatSize(bytes: number): string {
  if (bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20} MiB`;
  return bytes % 2 ** 10 === 0 ? `${bytes / 2 ** 10} KiB` : `${bytes} B`;
}

/** The answers of the searches; the last one where there is more than one for a transport. */
function searchResults(): SearchResult[] {
  const all = ["capacity", "capacity-socket.io"].flatMap((name) =>
    readSearchCsv(fromRoot(`${reference}${name}.search.csv`)),
  );
  return [...new Map(all.map((each) => [each.transport, each])).values()];
}

/** The output of a command on the reference runs, under the line that a person types. */
function commandBlock(name: string, args: string): string {
  const script = fileURLToPath(new URL(`../../${name}.js`, import.meta.url));
  const { INIT_CWD: _unused, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...args.split(" ")], {
    cwd: fromRoot(""),
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`npm run ${name} -- ${args} ended with ${status}: ${stderr}`);
  return codeBlock(`$ npm run ${name} -- ${args}\n\n${stdout.trim()}`);
}
