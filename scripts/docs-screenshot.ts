import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { readResults, readTimeline } from "../results/files/read.ts";
import { reportPage } from "../results/report/page.ts";
import { launchChromium } from "./lib/chromium.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";

/** Pixels of the screenshot: the overview and the first chart on a desktop screen. */
const [width, height] = [1_000, 2_030];

const command = commandNamed(
  "docs:screenshot",
  "Takes the screenshot of a report for the documentation, with Chromium.",
)
  .argument("[csv]", "result file", "results/reference/chat-1k.csv")
  .argument("[png]", "image file", "results/reference/report.png");

await main(async () => {
  const [csv, png] = command.parse().processedArgs as [string, string];
  const folder = mkdtempSync(join(tmpdir(), "screenshot-"));
  const browser = await launchChromium();
  try {
    const file = join(folder, "report.html");
    const [results, points] = [await readResults(userPath(csv)), await readTimeline(userPath(csv))];
    writeFileSync(file, reportPage([{ ...results, name: basename(csv), points }], []));
    const tab = await browser.newPage({ viewport: { width, height }, colorScheme: "light" });
    await tab.goto(pathToFileURL(file).href);
    await tab.screenshot({ path: userPath(png) });
    console.log(png);
    return exitCodes.done;
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
});
