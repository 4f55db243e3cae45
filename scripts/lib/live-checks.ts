import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { besideFile } from "../../results/files/csv.ts";
import { until } from "../../scenarios/lib/until.ts";
import { axeFindings, overflowOf, type Screenshot } from "./page-look.ts";
import { startScript } from "./spawn-script.ts";

/** Two short trials: long enough that a page can be looked at while each runs. */
const benchArgs = "--scenario chat-100 --clients 40 --duration 5s --warmup 300ms --transports ws,tcp --live".split(" ");

const waitMs = 30_000;

/** Milliseconds between two looks at a page. */
const askMs = 100;

/** Milliseconds in which a finished run and its page show what they must. */
const timeout = { timeout: waitMs };

/** What is wrong with each property of a page that follows a run, by the name of the property. */
export type LiveFindings = Record<"runs" | "late" | "look" | "ends", string[]>;

/**
 * Measures a short run with --live, and follows it in two pages: a desktop from its start, and a dark phone that comes
 * in its second trial. A third page is closed on the way.
 */
export async function followRun(browser: Browser, folder: string, screenshot: Screenshot): Promise<LiveFindings> {
  const csv = join(folder, "live.csv");
  const { child, seen, code } = startScript("bench.js", [...benchArgs, "--out", csv]);
  await until(() => /^Live: http\S+$/m.test(seen.out) || seen.err !== "", "the bench prints its link", waitMs);
  const url = /^Live: (\S+)$/m.exec(seen.out)?.[1] ?? "";
  const contexts = await Promise.all([
    browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light" }),
    browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme: "dark" }),
  ]);
  try {
    const [desktop, leaving] = [await openPage(contexts[0], url), await openPage(contexts[0], url)];
    await reached(desktop.page, "1 of 2", 2);
    await leaving.page.close();
    const look = [lookAt(desktop.page, screenshot("live desktop light"))];
    await desktop.page.locator("#rows tbody tr").first().waitFor(timeout);
    const phone = await openPage(contexts[1], url);
    await reached(phone.page, "2 of 2", 2);
    const late = await differences(desktop.page, phone.page);
    const runs = await numbersOn(phone.page);
    look.push(lookAt(phone.page, screenshot("live phone dark")));
    for (const { page } of [desktop, phone]) await page.locator("#settings").waitFor(timeout);
    const errors = [desktop, phone].flatMap((each) => each.errors);
    const exit = await code;
    const ends = [
      ...(exit === 0 || exit === 3 ? [] : [`the bench ended with ${exit}: ${seen.err}`]), // 3: a busy machine
      ...(await reportDifferences(contexts[0], csv, desktop.page)),
    ];
    return { runs: [...errors, ...runs], late, look: (await Promise.all(look)).flat(), ends };
  } finally {
    child.kill();
    for (const context of contexts) await context.close();
  }
}

/** Opens the page, and collects what its console says. */
async function openPage(context: BrowserContext, url: string): Promise<{ page: Page; errors: string[] }> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => {
    // A browser asks for an icon by itself.
    if (message.type() !== "log" && !message.location().url.endsWith("/favicon.ico")) errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors };
}

/** Waits until a page shows a trial, and so many points of it. */
async function reached(page: Page, place: string, points: number): Promise<void> {
  await page.locator("#trial", { hasText: place }).waitFor(timeout);
  const strong = `document.querySelector("#delivered path:not(.old)")?.getAttribute("d").split("L").length >= ${points}`;
  // The policy of the page forbids what waitForFunction does.
  for (let attempt = 0; !(await page.evaluate(strong)); attempt++) {
    if (attempt * askMs > waitMs) throw new Error(`the page does not show ${points} points of ${place}`);
    await delay(askMs);
  }
}

/**
 * A page in mid-run: it fits the screen, and axe finds nothing in what it showed at that moment. Axe takes longer than a
 * trial on a busy machine, so it looks at a copy.
 */
async function lookAt(page: Page, screenshot: string | undefined): Promise<string[]> {
  const overflowPx = await overflowOf(page);
  const moment = (await page.content()).replace(/<script>.*?<\/script>/s, "");
  if (screenshot !== undefined) await page.screenshot({ path: screenshot, fullPage: true });
  const copy = await page.context().newPage();
  await copy.setContent(moment);
  const found = await axeFindings(copy);
  await copy.close();
  return [...(overflowPx > 0 ? [`it is ${overflowPx} pixels wider than the screen`] : []), ...found];
}

/** What a page lacks that came late: the lines of earlier trials, and the rows. */
async function differences(first: Page, late: Page): Promise<string[]> {
  const shown = (page: Page): Promise<unknown> =>
    page.evaluate(`JSON.stringify([
      [...document.querySelectorAll("#rows tbody tr")].map((row) => row.textContent),
      ["delivered", "sent", "cpu"].map((id) =>
        [...document.querySelectorAll("#" + id + " .old")].map((line) => line.getAttribute("d")?.split("L").length)),
    ])`);
  const [one, other] = [await shown(first), await shown(late)];
  return one === other ? [] : [`the page from the start has ${String(one)}, the late one ${String(other)}`];
}

/** Checks that each panel has a line, and the text beside it numbers. */
async function numbersOn(page: Page): Promise<string[]> {
  const shown = (await page.evaluate(`[...document.querySelectorAll(".live-charts figure")].map((panel) => ({
    id: panel.id, lines: panel.querySelectorAll("path").length, value: panel.querySelector(".value").textContent,
  }))`)) as { id: string; lines: number; value: string }[];
  const empty = shown.filter(({ lines, value }) => lines === 0 || !/\d/.test(value));
  const clients = await page.evaluate(`document.getElementById("clients").textContent`);
  return [
    ...(shown.length === 4 ? [] : [`there are ${shown.length} panels`]),
    ...empty.map(({ id, lines, value }) => `the panel ${id} has ${lines} lines and says "${value}"`),
    ...(clients === "40 of 40 connected" ? [] : [`clients: "${String(clients)}"`]),
  ];
}

/** The page at the end against the file that `npm run report` writes. */
async function reportDifferences(context: BrowserContext, csv: string, atEnd: Page): Promise<string[]> {
  await startScript("report.js", [csv]).code;
  const page = await context.newPage();
  await page.goto(pathToFileURL(besideFile(csv, ".html")).href);
  const [own, written] = [await atEnd.locator("main").innerHTML(), await page.locator("main").innerHTML()];
  const header = await atEnd.locator("header").innerText();
  return [
    ...(own === written ? [] : ["the page is not the report of the file"]),
    ...(header.includes(`npm run report -- `) ? [] : ["it does not say which command makes the report again"]),
  ];
}
