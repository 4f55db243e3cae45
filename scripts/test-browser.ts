import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Option } from "commander";
import type { Browser } from "playwright-core";
import { besideFile } from "../results/files/csv.ts";
import { projectFolder } from "../results/model/environment.ts";
import { RunError } from "../scenarios/lib/errors.ts";
import { launchChromium } from "./lib/chromium.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import {
  checkClaimsTable,
  checkEscaping,
  checkHiding,
  checkView,
  checkWithoutScript,
  checkNumbers,
  checkPointing,
  reportViews,
  checkSize,
  type RenderedReport,
} from "./lib/report-checks.ts";
import { followRun, type LiveFindings } from "./lib/live-checks.ts";
import { browserClientChecks } from "./lib/browser-client-checks.ts";
import { pageChecks } from "./lib/page-checks.ts";
import type { Screenshot } from "./lib/page-look.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

const command = commandNamed(
  "test:browser",
  "Checks in Chromium without a network: the report of a short run, a run that is followed live, the page to chat in, and pages as clients.",
)
  .option("--screenshots <folder>", "save a screenshot of every view there")
  .addOption(
    new Option("--only <part>", "check this part alone").choices([
      "report",
      "live",
      "page",
      "clients",
    ] satisfies Part[]),
  );

/** What is checked, in this order. */
type Part = "report" | "live" | "page" | "clients";

/** A short run of all default transports. */
const benchArgs = "--scenario chat-100 --clients 40 --duration 2s --warmup 300ms --repeat 2".split(" ");

/** Name of a transport that would run a script if the page did not escape it. */
const hostile = `<img src=x onerror=alert(1)>"'&`;

await main(async () => {
  const { screenshots, only } = command.parse().opts<{ screenshots?: string; only?: Part }>();
  if (screenshots !== undefined) mkdirSync(userPath(screenshots), { recursive: true });
  const browser = await launchChromium();
  const screenshot: Screenshot = (name) =>
    screenshots === undefined ? undefined : join(userPath(screenshots), `${name.replaceAll(" ", "-")}.png`);
  const folder = mkdtempSync(join(tmpdir(), "browser-"));
  try {
    const parts: Record<Part, () => Promise<Check[]> | Check[]> = {
      report: () => reportChecks(browser, folder, screenshot),
      live: () => liveChecks(browser, folder, screenshot),
      page: () => pageChecks(browser, screenshot),
      clients: () => Object.entries(browserClientChecks).map(([name, check]) => [name, () => check(folder)]),
    };
    let failed = 0;
    for (const [name, checks] of Object.entries(parts))
      if (only === undefined || only === name) failed += await runChecks(await checks());
    console.log(failed === 0 ? "All checks passed." : `${failed} checks failed.`);
    return failed === 0 ? exitCodes.done : exitCodes.rowFailed;
  } finally {
    endAllScripts();
    await browser.close();
    rmSync(folder, { recursive: true });
  }
});

type Check = [name: string, check: () => Promise<string[]> | string[]];

/** Creates the reports. Returns the checks of them. */
async function reportChecks(browser: Browser, folder: string, screenshot: Screenshot): Promise<Check[]> {
  const one = await measuredReport(folder);
  const both = await comparisonReport(folder, one.csv);
  const claims = await copiedReport(folder, "results/reference/claims.csv");
  const networks = await copiedReport(folder, "results/testing/networks.csv");
  // Measured on a busy machine, and then judged as on a quiet one: only its look is checked.
  const faults = await copiedReport(folder, "results/testing/faults.csv");
  return [
    ...reportViews.map((view): [string, () => Promise<string[]>] => [
      `${view.name}: loads nothing, fits the screen, passes axe`,
      () => checkView(browser, one, view, screenshot(view.name)),
    ]),
    ...[reportViews[0]!, reportViews.at(-1)!].map((view): [string, () => Promise<string[]>] => [
      `two files, ${view.name}: loads nothing, fits the screen, passes axe`,
      () => checkView(browser, both, view, screenshot(`two files ${view.name}`)),
    ]),
    [
      "claims, phone: loads nothing, fits the screen, passes axe",
      () => checkView(browser, claims, reportViews.at(-1)!, screenshot("claims phone")),
    ],
    [
      "several networks, phone: loads nothing, fits the screen, passes axe",
      () => checkView(browser, networks, reportViews.at(-1)!, screenshot("networks phone")),
    ],
    ...[reportViews[0]!, reportViews.at(-1)!].map((view): [string, () => Promise<string[]>] => [
      `faults, ${view.name}: loads nothing, fits the screen, passes axe`,
      () => checkView(browser, faults, view, screenshot(`faults ${view.name}`)),
    ]),
    ["shows the same claims as the command that checks claims", () => checkClaimsTable(browser, claims)],
    ["is below a megabyte", () => [one, both, claims, networks, faults].flatMap(checkSize)],
    ["shows everything without scripts", () => checkWithoutScript(browser, one)],
    ["hides a transport in all charts, and shows it again", () => checkHiding(browser, one)],
    ["prints a row of the table for the position of the pointer", () => checkPointing(browser, one, "latency")],
    ["prints a network for the position of the pointer", () => checkPointing(browser, networks, "networks")],
    ["shows the numbers of the CSV and its summary", () => checkNumbers(browser, one)],
    ["escapes the name of a transport", () => checkEscaping(browser, both, hostile)],
  ];
}

/** The checks of a run that two pages follow. */
function liveChecks(browser: Browser, folder: string, screenshot: Screenshot): Check[] {
  let followed: Promise<LiveFindings> | undefined;
  const follow = (): Promise<LiveFindings> => (followed ??= followRun(browser, folder, screenshot));
  return [
    ["live: shows each second of a run while it runs", async () => (await follow()).runs],
    ["live: a page that comes late has what was before", async () => (await follow()).late],
    [
      "live: fits the screen and passes axe in mid-run, desktop light and phone dark",
      async () => (await follow()).look,
    ],
    ["live: every page becomes the report, and the run ends", async () => (await follow()).ends],
  ];
}

/** Runs checks and prints what each has found. Returns how many failed. */
async function runChecks(checks: readonly Check[]): Promise<number> {
  let failed = 0;
  for (const [name, check] of checks) {
    const found = await check();
    if (found.length > 0) failed++;
    console.log(`${found.length === 0 ? "ok" : "FAILED"}  ${name}${found.map((each) => `\n    ${each}`).join("")}`);
  }
  return failed;
}

async function measuredReport(folder: string): Promise<RenderedReport> {
  const csv = join(folder, "one.csv");
  await runScript("bench.js", [...benchArgs, "--out", csv]);
  return { csv, html: await report([csv]) };
}

/** Report on a copy of a result file of this project, with the files beside it. */
async function copiedReport(folder: string, path: string): Promise<RenderedReport> {
  const [source, csv] = [join(projectFolder, path), join(folder, basename(path))];
  for (const ending of [".csv", ".json", ".timeline.csv"])
    if (existsSync(besideFile(source, ending))) copyFileSync(besideFile(source, ending), besideFile(csv, ending));
  return { csv, html: await report([csv]) };
}

/** Report on the same file twice. In the second one the name of a transport is markup. */
async function comparisonReport(folder: string, csv: string): Promise<RenderedReport> {
  const [before, after] = [join(folder, "before.csv"), join(folder, "after.csv")];
  for (const ending of [".json", ".timeline.csv"]) copyFileSync(besideFile(csv, ending), besideFile(before, ending));
  copyFileSync(csv, before);
  const renamed = readFileSync(csv, "utf8").replaceAll(",ws,", `,"${hostile.replaceAll('"', '""')}",`);
  writeFileSync(after, renamed);
  return { csv: after, html: await report([before, after]) };
}

async function report(files: readonly string[]): Promise<string> {
  await runScript("report.js", files);
  return besideFile(files[0]!, ".html");
}

/**
 * Runs a script. Exit codes for suspect rows are accepted, since a busy machine causes them: the script failed only if
 * it wrote no file.
 */
async function runScript(script: string, args: readonly string[]): Promise<void> {
  const { seen, code } = startScript(script, args);
  const exit = await code;
  const file = script === "report.js" ? besideFile(args[0]!, ".html") : args.at(-1)!;
  if (!existsSync(file)) throw new RunError(`${script} ended with ${exit}: ${seen.err.trim() || seen.out.trim()}`);
}
