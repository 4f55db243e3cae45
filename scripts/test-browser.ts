import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
import { startScript } from "./lib/spawn-script.ts";

const command = commandNamed(
  "test:browser",
  "Measures a little, reports on it, and looks at the page in a real Chromium with the network off.",
).option("--screenshots <folder>", "keep a picture of every view there");

/** A short run of everything that is measured by default. */
const run = "--scenario chat-100 --clients 40 --duration 2s --warmup 300ms --repeat 2".split(" ");

/** A transport's name that would do harm if it were anything but text. */
const hostile = `<img src=x onerror=alert(1)>"'&`;

await main(async () => {
  const { screenshots } = command.parse().opts<{ screenshots?: string }>();
  if (screenshots !== undefined) mkdirSync(userPath(screenshots), { recursive: true });
  const browser = await launchChromium();
  const folder = mkdtempSync(join(tmpdir(), "browser-"));
  try {
    const wrong = await checkAll(browser, folder, screenshots);
    console.log(wrong === 0 ? "All as it should be." : `${wrong} not as they should be.`);
    return wrong === 0 ? exitCodes.done : exitCodes.rowFailed;
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
});

/** Makes the pages and checks them. Returns how many checks found something. */
async function checkAll(browser: Browser, folder: string, screenshots: string | undefined): Promise<number> {
  const one = await measured(folder);
  const both = await compared(folder, one.csv);
  const claimed = await ofClaims(folder);
  const picture = (name: string): string | undefined =>
    screenshots === undefined ? undefined : join(userPath(screenshots), `${name.replaceAll(" ", "-")}.png`);
  const checks: [string, () => Promise<string[]> | string[]][] = [
    ...reportViews.map((view): [string, () => Promise<string[]>] => [
      `${view.name}: asks for nothing, fits, axe finds nothing`,
      () => checkView(browser, one, view, picture(view.name)),
    ]),
    ...[reportViews[0]!, reportViews.at(-1)!].map((view): [string, () => Promise<string[]>] => [
      `two files, ${view.name}: asks for nothing, fits, axe finds nothing`,
      () => checkView(browser, both, view, picture(`two files ${view.name}`)),
    ]),
    [
      "claims, phone: asks for nothing, fits, axe finds nothing",
      () => checkView(browser, claimed, reportViews.at(-1)!, picture("claims phone")),
    ],
    ["says of the claims what the command says", () => checkClaimsTable(browser, claimed)],
    ["is below a megabyte", () => [one, both, claimed].flatMap(checkSize)],
    ["is whole without scripts", () => checkWithoutScript(browser, one)],
    ["hides a transport in all drawings, and shows it again", () => checkHiding(browser, one)],
    ["reads a line of the table where one points at a curve", () => checkPointing(browser, one)],
    ["has the numbers of the CSV and its summary", () => checkNumbers(browser, one)],
    ["takes a transport's name for text, whatever it is", () => checkEscaping(browser, both, hostile)],
  ];
  let wrong = 0;
  for (const [name, check] of checks) {
    const found = await check();
    if (found.length > 0) wrong++;
    console.log(`${found.length === 0 ? "ok" : "NO"}  ${name}${found.map((each) => `\n    ${each}`).join("")}`);
  }
  return wrong;
}

async function measured(folder: string): Promise<RenderedReport> {
  const csv = join(folder, "one.csv");
  await finished("bench.js", [...run, "--out", csv]);
  return { csv, html: await rendered([csv]) };
}

/** The reference run of all claims. */
async function ofClaims(folder: string): Promise<RenderedReport> {
  const [kept, csv] = [join(projectFolder, "results/reference/claims.csv"), join(folder, "claims.csv")];
  for (const ending of [".csv", ".json", ".timeline.csv"])
    copyFileSync(besideFile(kept, ending), besideFile(csv, ending));
  return { csv, html: await rendered([csv]) };
}

/** The same file twice, in the second of which a transport has a name that is markup. */
async function compared(folder: string, csv: string): Promise<RenderedReport> {
  const [before, after] = [join(folder, "before.csv"), join(folder, "after.csv")];
  for (const ending of [".json", ".timeline.csv"]) copyFileSync(besideFile(csv, ending), besideFile(before, ending));
  copyFileSync(csv, before);
  const renamed = readFileSync(csv, "utf8").replaceAll(",ws,", `,"${hostile.replaceAll('"', '""')}",`);
  writeFileSync(after, renamed);
  return { csv: after, html: await rendered([before, after]) };
}

async function rendered(files: readonly string[]): Promise<string> {
  await finished("report.js", files);
  return besideFile(files[0]!, ".html");
}

/** A busy machine makes rows suspect, and a page has to show them as well: only what left no file has failed. */
async function finished(script: string, args: readonly string[]): Promise<void> {
  const { seen, code } = startScript(script, args);
  const exit = await code;
  const file = script === "report.js" ? besideFile(args[0]!, ".html") : args.at(-1)!;
  if (!existsSync(file)) throw new RunError(`${script} ended with ${exit}: ${seen.err.trim() || seen.out.trim()}`);
}
