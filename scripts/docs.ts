import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkClaims } from "../results/claims/check.ts";
import { claimsText } from "../results/claims/format.ts";
import { columns } from "../results/model/columns.ts";
import { projectFolder } from "../results/model/environment.ts";
import { readResults } from "../results/files/read.ts";
import { summaryLegend, summaryTable } from "../results/text/results-table.ts";
import { validityRules } from "../results/rows/validity-rules.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { scenarios } from "../scenarios/scenarios.ts";
import type { Options } from "../scenarios/contract.ts";
import { transports } from "../scenarios/transports.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";
import { searchLegend, searchTable, readSearchCsv, type SearchResult } from "./lib/bench/search-results.ts";
import type { Transport } from "../scenarios/transports/transport.ts";
import { optionsFor, standardTransports } from "../scenarios/transports/load-transport.ts";

/** Every setting that matters for fairness, as the code resolves it for a transport. */
const settings: Record<string, (name: string) => string> = {
  "client library": (name) => `\`${listed(name).clientLibrary}\``,
  "connections per client": (name) => String(listed(name).socketsPerClient),
  TCP_NODELAY: () => "both ends",
  compression: () => "none",
  TLS: (name) => (listed(name).noTlsReason === undefined ? "none, or 1.3 with `+tls`" : "none"),
  "text travels as": (name) => listed(name).encodings.text,
  "binary travels as": (name) => listed(name).encodings.binary,
  "goes on when idle every": (name) => idlePeriod(name),
  "in the idle case that is": (name) => idleHabit[cycleOf(name)],
  "handshake or request time-out": (name) => seconds(resolved(name).handshakeMs),
  "silence before a poller is dropped": (name) => (polls(name) ? seconds(resolved(name).idleMs) : "-"),
  "largest payload": (name) => `${resolved(name).maxPayloadBytes / 2 ** 20} MiB`,
  "queue per client before it is dropped": (name) => `${resolved(name).queueBytes / 2 ** 20} MiB`,
  "headers a browser would add": (name) => (polls(name) ? `${resolved(name).extraHeaderBytes} B` : "-"),
};

const idleHabit = {
  pollIntervalMs: "an empty poll",
  holdMs: "a re-ask",
  heartbeatMs: "a heartbeat",
  none: "nothing but the kernel's keep-alive",
};
const listed = (name: string): Transport => (transports as Record<string, Transport>)[name]!;
const resolved = (name: string): Options => optionsFor(listed(name), {});
const cycleOf = (name: string): keyof typeof idleHabit => listed(name).idlePeriodOption ?? "heartbeatMs";
const polls = (name: string): boolean => ["pollIntervalMs", "holdMs"].includes(cycleOf(name));
const seconds = (ms: number): string => `${ms / 1000} s`;

function idlePeriod(name: string): string {
  const cycle = cycleOf(name);
  return cycle === "none" ? "-" : seconds(resolved(name)[cycle]);
}

/** Where the runs are that the README shows; its README says how they were measured. */
const reference = "results/reference/";
const fromRoot = (path: string): string => join(projectFolder, path);
const readme = fromRoot("README.md");

/** The parts of the README that are printed from the code and the reference runs, by the name of their markers. */
const parts: Record<string, () => string | Promise<string>> = {
  run: async () => {
    const { rows } = await readResults(fromRoot(`${reference}chat-1k.csv`));
    return block(`${summaryTable(rows)}\n\n${summaryLegend}`);
  },
  compare: () => said("compare", `${reference}polls.csv ${reference}polls.csv --pair short-poll=short-poll-500ms`),
  claims: async () => block(claimsText(checkClaims((await readResults(fromRoot(`${reference}claims.csv`))).rows))),
  until: () => block(`${searchTable(limits())}\n\n${searchLegend}`),
  advise: () => said("advise", "--clients 50000 --rate 0.2 --payload-bytes 200 --room-size 50"),
  scenarios: () =>
    markdown(
      ["scenario", "question", "clients", "messages/s", "payload", "measured"],
      Object.entries(scenarios).map(([name, each]) => [
        `\`${name}\``,
        each.question,
        String(each.clients),
        String(each.ratePerS),
        `${[each.payloadBytes].flat().join(", ")} B ${[each.payloadKind].flat().join(", ")}`,
        `${each.durationMs / 1000} s`,
      ]),
    ),
  transports: () =>
    markdown(
      ["transport", "what it is", "client library", "connections per client"],
      Object.entries(transports).map(([name, each]) => [
        `\`${name}\``,
        each.title,
        `\`${each.clientLibrary}\``,
        String(each.socketsPerClient),
      ]),
    ),
  settings: () =>
    markdown(
      ["setting", ...standardTransports()],
      Object.entries(settings).map(([what, of]) => [what, ...standardTransports().map((name) => of(name))]),
    ),
  rules: () =>
    markdown(
      ["rule", "makes the row", "meaning"],
      Object.entries(validityRules).map(([name, { verdict, meaning }]) => [
        name,
        verdict === "valid" ? "valid, with a note" : verdict,
        meaning,
      ]),
    ),
  columns: () =>
    markdown(
      ["column", "use", "better", "meaning"],
      Object.entries(columns).map(([name, each]) => [
        `\`${name}\``,
        each.use,
        "better" in each ? each.better : "",
        each.meaning,
      ]),
    ),
};

const command = commandNamed("docs", "Writes the tables of README.md from the code.").option(
  "--check",
  "only say whether they are up to date",
);

await main(async () => {
  const { check } = command.parse().opts<{ check?: true }>();
  const before = readFileSync(readme, "utf8");
  let after = before;
  for (const [name, print] of Object.entries(parts)) after = replacePart(after, name, await print());
  if (check && after !== before) throw new UserError("README.md is not what the code says: run npm run docs.");
  if (after !== before) writeFileSync(readme, after);
  return exitCodes.done;
});

/** What the searches have found, the last of those where there is more than one for a transport. */
function limits(): SearchResult[] {
  const all = ["until", "until-socket.io"].flatMap((name) => readSearchCsv(fromRoot(`${reference}${name}.until.csv`)));
  return [...new Map(all.map((each) => [each.transport, each])).values()];
}

function replacePart(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from)
    throw new UserError(`README.md has no markers ${open} and ${close}: put them where the table goes.`);
  return `${text.slice(0, from + open.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** What a command says of the reference runs, under the line that a person types. */
function said(name: string, args: string): string {
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  const { INIT_CWD: _elsewhere, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...args.split(" ")], {
    cwd: fromRoot(""),
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`npm run ${name} -- ${args} ended with ${status}: ${stderr}`);
  return block(`$ npm run ${name} -- ${args}\n\n${stdout.trim()}`);
}

function block(text: string): string {
  return `\`\`\`\n${text.replaceAll(/ +$/gm, "")}\n\`\`\``;
}

/** A Markdown table, padded as the formatter pads it. */
function markdown(head: string[], body: string[][]): string {
  const cells = [head, ...body].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
  const line = (row: string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(cells[0]!), line(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(line)].join("\n");
}
