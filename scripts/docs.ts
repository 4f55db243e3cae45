import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { columns } from "../results/columns.ts";
import { UserError } from "../scenarios/errors.ts";
import { scenarios } from "../scenarios/scenarios.ts";
import { transports } from "../scenarios/transports.ts";
import { exitCodes, main } from "./lib/command.ts";

const readme = new URL("../../README.md", import.meta.url);

/** The parts of the README that are printed from the code, by the name of their markers. */
const parts: Record<string, () => string> = {
  scenarios: () =>
    markdown(
      ["scenario", "question", "clients", "messages/s", "payload", "measured"],
      Object.entries(scenarios).map(([name, each]) => [
        `\`${name}\``,
        each.question,
        String(each.clients),
        String(each.offeredPerS),
        `${each.payloadBytes} B ${each.payloadKind}`,
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
  columns: () =>
    markdown(
      ["column", "use", "better", "meaning"],
      Object.entries(columns).map(([name, each]) => [
        `\`${name}\``,
        each.use,
        "better" in each ? each.better : "",
        each.says,
      ]),
    ),
};

const command = new Command("npm run docs --")
  .description("Writes the tables of README.md from the code.")
  .option("--check", "only say whether they are up to date")
  .exitOverride();

await main(() => {
  const { check } = command.parse().opts<{ check?: true }>();
  const before = readFileSync(readme, "utf8");
  let after = before;
  for (const [name, print] of Object.entries(parts)) after = replacePart(after, name, print());
  if (check && after !== before) throw new UserError("README.md is not what the code says: run npm run docs.");
  if (after !== before) writeFileSync(readme, after);
  return exitCodes.done;
});

function replacePart(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from)
    throw new UserError(`README.md has no markers ${open} and ${close}: put them where the table goes.`);
  return `${text.slice(0, from + open.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** A Markdown table, padded as the formatter pads it. */
function markdown(head: string[], body: string[][]): string {
  const cells = [head, ...body].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
  const line = (row: string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(cells[0]!), line(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(line)].join("\n");
}
