import { readFileSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parse } from "csv-parse/sync";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { checkClaims } from "../../results/claims/check.ts";
import { claimsText } from "../../results/claims/format.ts";
import { besideFile } from "../../results/files/csv.ts";
import { formatMilliseconds, formatNumber } from "../../results/text/text-table.ts";
import { readResults } from "../../results/files/read.ts";
import { axeFindings, overflowOf } from "./page-look.ts";

/** A report page and the CSV that it was rendered from. */
export interface RenderedReport {
  html: string;
  csv: string;
}

/** Screen size and colour scheme in which a page is checked. */
export interface ReportView {
  name: string;
  options: BrowserContextOptions;
}

const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };

/** Desktop and phone, light and dark. */
export const reportViews: ReportView[] = (["desktop", "phone"] as const).flatMap((size) =>
  (["light", "dark"] as const).map((colorScheme) => ({
    name: `${size} ${colorScheme}`,
    options: { viewport: sizes[size], colorScheme },
  })),
);

/** An open page, with its requests, and its errors and warnings so far. */
interface OpenPage {
  page: Page;
  requests: string[];
  errors: string[];
}

/** Opens a page from the disk without a network, uses it and closes it. */
async function withPage<T>(
  browser: Browser,
  { html }: RenderedReport,
  options: BrowserContextOptions,
  use: (open: OpenPage) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ offline: true, ...options });
  try {
    const page = await context.newPage();
    const open: OpenPage = { page, requests: [], errors: [] };
    page.on("request", (request) => open.requests.push(request.url()));
    page.on("console", (message) => {
      if (message.type() !== "log") open.errors.push(message.text());
    });
    page.on("pageerror", (error) => open.errors.push(error.message));
    page.on("dialog", (dialog) => {
      open.errors.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(html).href);
    return await use(open);
  } finally {
    await context.close();
  }
}

/** Checks a page in one view: it loads nothing, fits the screen, and passes axe with every folded part open. */
export async function checkView(
  browser: Browser,
  rendered: RenderedReport,
  { options }: ReportView,
  screenshot?: string,
): Promise<string[]> {
  return withPage(browser, rendered, options, async ({ page, requests, errors }) => {
    if (screenshot !== undefined) await page.screenshot({ path: screenshot, fullPage: true });
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
    const overflowPx = await overflowOf(page);
    const found = await axeFindings(page);
    const own = pathToFileURL(rendered.html).href;
    return [
      ...requests.filter((url) => url !== own).map((url) => `it requested ${url}`),
      ...errors,
      ...(overflowPx > 0 ? [`it is ${overflowPx} pixels wider than the screen`] : []),
      ...found,
    ];
  });
}

/** Checks that the page shows everything without scripts. */
export async function checkWithoutScript(browser: Browser, rendered: RenderedReport): Promise<string[]> {
  return withPage(browser, rendered, { javaScriptEnabled: false }, async ({ page }) => {
    const plots = await page.locator(".plot.wide, .plot.small").all();
    const widths = await Promise.all(plots.map(async (plot) => (await plot.boundingBox())?.width ?? 0));
    const tables = await page.locator("table").count();
    const findings = await page.locator("dl.definitions dd").count();
    return [
      ...(plots.length === 0 ? ["there is no chart"] : []),
      ...(widths.some((width) => width < 100) ? ["a chart is not visible"] : []),
      ...(tables < 10 || findings < 3 ? [`there are only ${tables} tables and ${findings} findings`] : []),
    ];
  });
}

/** Checks that a click on the name of a transport hides it everywhere, and that another click shows it again. */
export async function checkHiding(browser: Browser, rendered: RenderedReport): Promise<string[]> {
  return withPage(browser, rendered, {}, async ({ page }) => {
    const shown = async (slot: number): Promise<number> =>
      (await page.locator(`.s${slot}:not(.swatch):visible`).all()).length;
    const [before, other] = [await shown(0), await shown(1)];
    const button = page.locator('[data-slot="0"] button').first();
    await button.click();
    const [remaining, otherAfter] = [await shown(0), await shown(1)];
    await button.click();
    return [
      ...(before < 5 || remaining > 0 ? [`${remaining} of ${before} parts of charts remain visible`] : []),
      ...(otherAfter === other ? [] : ["another transport is hidden as well"]),
      ...((await shown(0)) === before ? [] : ["the second click does not show it again"]),
    ];
  });
}

/** Checks that pointing at the first chart of a section prints a row of its table. */
export async function checkPointing(browser: Browser, rendered: RenderedReport, section: string): Promise<string[]> {
  return withPage(browser, rendered, {}, async ({ page }) => {
    const plot = page.locator(`#${section} .plot.wide`).first();
    const at = ((await plot.getAttribute("data-at")) ?? "").split(" ").map(Number);
    const box = (await plot.boundingBox())!;
    await plot.hover({ position: { x: (at[1]! * box.width) / 880, y: box.height / 2 } });
    const readout = await page.locator(`#${section} .readout`).first().innerText();
    const row = await page.locator(`#${section} details table tbody tr`).nth(1).locator("th, td").allTextContents();
    const missing = row.map((cell) => cell.trim()).filter((cell) => !readout.includes(cell));
    return missing.length > 0 ? [`"${readout}" lacks ${missing.join(", ")}`] : [];
  });
}

/** Checks that the tables have the numbers of the CSV and of its summary. */
export async function checkNumbers(browser: Browser, rendered: RenderedReport): Promise<string[]> {
  const rows = parse(readFileSync(rendered.csv), { columns: true }) as Record<string, string>[];
  const summaries = parse(readFileSync(besideFile(rendered.csv, ".summary.csv")), { columns: true }) as Record<
    string,
    string
  >[];
  return withPage(browser, rendered, {}, async ({ page }) => {
    const shownRows = await tableOf(page, "#rows details");
    const wrong = rows.flatMap((row, i) =>
      Object.keys(shownRows[i] ?? {}).flatMap((name) => {
        const [actual, expected] = [shownRows[i]![name]!, row[name] === "" ? "-" : row[name]!];
        return actual === expected ? [] : [`row ${i + 1}: ${name} is "${actual}" instead of "${expected}"`];
      }),
    );
    const latency = await tableOf(page, "#latency details");
    const overhead = await tableOf(page, "#overhead details");
    const value = (text: string | undefined): number | undefined => (text ? Number(text) : undefined);
    const wrongSummaries = summaries.flatMap((summary) => {
      const { transport = "" } = summary;
      const cells = [
        [
          latency.find(({ percentile }) => percentile === "50 %")?.[transport],
          formatMilliseconds(value(summary["latency_p50_us"])),
        ],
        [
          overhead.find((line) => line["transport"] === transport)?.["overhead_bytes_per_delivery"],
          formatNumber(value(summary["overhead_bytes_per_delivery"]), 2),
        ],
      ];
      return cells.flatMap(([actual, expected]) =>
        actual === expected ? [] : [`${transport}: "${actual}" instead of "${expected}"`],
      );
    });
    return [
      ...(shownRows.length === rows.length ? [] : [`${shownRows.length} of ${rows.length} rows are shown`]),
      ...wrong,
      ...wrongSummaries,
    ];
  });
}

/** Checks that the page has the same text about each measured claim as the command that checks claims. */
export async function checkClaimsTable(browser: Browser, rendered: RenderedReport): Promise<string[]> {
  const { rows } = await readResults(rendered.csv);
  const commandText = claimsText(checkClaims(rows).filter(({ verdict }) => verdict !== "not measured")).replaceAll(
    /\s+/g,
    " ",
  );
  return withPage(browser, rendered, {}, async ({ page }) => {
    const lines = await tableOf(page, "#claims");
    const wrong = lines.flatMap((line) => {
      const [claim, verdict, ratio, higher, lower] = Object.values(line);
      const times = ratio === "-" ? "" : `: ${ratio} times`;
      const expected = `${claim} ${verdict} · ${higher?.replace(":", "")} against ${lower?.replace(":", "")}${times}`;
      return commandText.includes(expected) ? [] : [`"${expected}" is not in the output of the command`];
    });
    return lines.length > 0 ? wrong : ["there is no claim"];
  });
}

/** Rows of the last table inside an element, by the headings of the columns. */
async function tableOf(page: Page, within: string): Promise<Record<string, string>[]> {
  const last = page.locator(`${within} table`).last();
  const names = (await last.locator("thead th").allTextContents()).map((name) => name.trim());
  const lines = await last.locator("tbody tr").all();
  return Promise.all(
    lines.map(async (line) => {
      const cells = await line.locator("th, td").allTextContents();
      return Object.fromEntries(names.map((name, i) => [name, cells[i]!.trim()]));
    }),
  );
}

/** Checks that the name of a transport that is markup appears as text. */
export async function checkEscaping(browser: Browser, rendered: RenderedReport, name: string): Promise<string[]> {
  return withPage(browser, rendered, {}, async ({ page, errors }) => {
    const images = await page.locator("img").count();
    const text = await page.locator("body").innerText();
    return [
      ...errors,
      ...(images > 0 ? ["the name became an element"] : []),
      ...(text.includes(name) ? [] : ["the name is not shown"]),
    ];
  });
}

/** Checks that a page is smaller than a megabyte. */
export function checkSize({ html }: RenderedReport): string[] {
  const { size } = statSync(html);
  return size < 2 ** 20 ? [] : [`it has ${size.toLocaleString("en")} bytes`];
}
