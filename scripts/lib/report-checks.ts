import { readFileSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { parse } from "csv-parse/sync";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { checkClaims } from "../../results/claims/check.ts";
import { claimsText } from "../../results/claims/format.ts";
import { besideFile } from "../../results/files/csv.ts";
import { formatMilliseconds, formatNumber } from "../../results/text/text-table.ts";
import { readResults } from "../../results/files/read.ts";

/** A page that was rendered and the CSV it was made of. */
export interface RenderedReport {
  html: string;
  csv: string;
}

/** How a page is looked at. */
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

/** An opened page, and what it asked for and complained of so far. */
interface Opened {
  page: Page;
  requests: string[];
  complaints: string[];
}

/** Opens a page from the disk with the network off, does something with it and closes it again. */
async function withPage<T>(
  browser: Browser,
  { html }: RenderedReport,
  options: BrowserContextOptions,
  use: (opened: Opened) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ offline: true, ...options });
  try {
    const page = await context.newPage();
    const opened: Opened = { page, requests: [], complaints: [] };
    page.on("request", (request) => opened.requests.push(request.url()));
    page.on("console", (message) => {
      if (message.type() !== "log") opened.complaints.push(message.text());
    });
    page.on("pageerror", (error) => opened.complaints.push(error.message));
    page.on("dialog", (dialog) => {
      opened.complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(html).href);
    return await use(opened);
  } finally {
    await context.close();
  }
}

/** Looks at a page as one person sees it: what it asks for, whether it fits, and what axe finds with everything unfolded. */
export async function checkView(
  browser: Browser,
  rendered: RenderedReport,
  { options }: ReportView,
  screenshot?: string,
): Promise<string[]> {
  return withPage(browser, rendered, options, async ({ page, requests, complaints }) => {
    if (screenshot !== undefined) await page.screenshot({ path: screenshot, fullPage: true });
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
    const wide = (await page.evaluate("document.documentElement.scrollWidth - innerWidth")) as number;
    const { violations } = await new AxeBuilder({ page }).analyze();
    const own = pathToFileURL(rendered.html).href;
    return [
      ...requests.filter((url) => url !== own).map((url) => `it asked for ${url}`),
      ...complaints,
      ...(wide > 0 ? [`it scrolls sideways by ${wide} pixels`] : []),
      ...violations.map(({ id, help, nodes }) => `axe: ${id}, ${help}: ${nodes[0]?.html.slice(0, 200)}`),
    ];
  });
}

/** Whether the page is whole where scripts do not run. */
export async function checkWithoutScript(browser: Browser, rendered: RenderedReport): Promise<string[]> {
  return withPage(browser, rendered, { javaScriptEnabled: false }, async ({ page }) => {
    const plots = await page.locator(".plot.wide, .plot.small").all();
    const seen = await Promise.all(plots.map(async (plot) => (await plot.boundingBox())?.width ?? 0));
    const tables = await page.locator("table").count();
    const words = await page.locator("dl.answer dd").count();
    return [
      ...(plots.length === 0 ? ["there is no drawing"] : []),
      ...(seen.some((width) => width < 100) ? ["a drawing cannot be seen"] : []),
      ...(tables < 10 || words < 3 ? [`there are ${tables} tables and ${words} sentences`] : []),
    ];
  });
}

/** Whether a click on a transport's name hides it everywhere, and another brings it back. */
export async function checkHiding(browser: Browser, rendered: RenderedReport): Promise<string[]> {
  return withPage(browser, rendered, {}, async ({ page }) => {
    const shown = async (slot: number): Promise<number> =>
      (await page.locator(`.s${slot}:not(.swatch):visible`).all()).length;
    const [before, other] = [await shown(0), await shown(1)];
    const button = page.locator('[data-slot="0"] button').first();
    await button.click();
    const [hidden, still] = [await shown(0), await shown(1)];
    await button.click();
    return [
      ...(before < 5 || hidden > 0 ? [`of ${before} parts of drawings ${hidden} are still shown`] : []),
      ...(still === other ? [] : ["another transport is hidden, too"]),
      ...((await shown(0)) === before ? [] : ["it does not come back"]),
    ];
  });
}

/** Whether pointing at a curve reads a line of its table. */
export async function checkPointing(browser: Browser, rendered: RenderedReport): Promise<string[]> {
  return withPage(browser, rendered, {}, async ({ page }) => {
    const plot = page.locator("#latency .plot.wide").first();
    const at = ((await plot.getAttribute("data-at")) ?? "").split(" ").map(Number);
    const box = (await plot.boundingBox())!;
    await plot.hover({ position: { x: (at[1]! * box.width) / 880, y: box.height / 2 } });
    const said = await page.locator("#latency .readout").first().innerText();
    const row = await page.locator("#latency details table tbody tr").nth(1).locator("th, td").allTextContents();
    const missing = row.map((cell) => cell.trim()).filter((cell) => !said.includes(cell));
    return missing.length > 0 ? [`"${said}" lacks ${missing.join(", ")}`] : [];
  });
}

/** Whether the numbers in the tables are those of the CSV and of its summary. */
export async function checkNumbers(browser: Browser, rendered: RenderedReport): Promise<string[]> {
  const rows = parse(readFileSync(rendered.csv), { columns: true }) as Record<string, string>[];
  const summaries = parse(readFileSync(besideFile(rendered.csv, ".summary.csv")), { columns: true }) as Record<
    string,
    string
  >[];
  return withPage(browser, rendered, {}, async ({ page }) => {
    const raw = await tableOf(page, "#rows details");
    const wrong = rows.flatMap((row, i) =>
      Object.keys(raw[i] ?? {}).flatMap((name) => {
        const [is, should] = [raw[i]![name]!, row[name] === "" ? "-" : row[name]!];
        return is === should ? [] : [`row ${i + 1}: ${name} is "${is}" instead of "${should}"`];
      }),
    );
    const [latency, bytes] = [await tableOf(page, "#latency details"), await tableOf(page, "#bytes details")];
    const value = (text: string | undefined): number | undefined => (text ? Number(text) : undefined);
    const told = summaries.flatMap((summary) => {
      const { transport = "" } = summary;
      const cells = [
        [
          latency.find(({ percentile }) => percentile === "50 %")?.[transport],
          formatMilliseconds(value(summary["latency_p50_us"])),
        ],
        [
          bytes.find((line) => line["transport"] === transport)?.["overhead_bytes_per_delivery"],
          formatNumber(value(summary["overhead_bytes_per_delivery"]), 2),
        ],
      ];
      return cells.flatMap(([is, should]) => (is === should ? [] : [`${transport}: "${is}" instead of "${should}"`]));
    });
    return [
      ...(raw.length === rows.length ? [] : [`${raw.length} of ${rows.length} rows are shown`]),
      ...wrong,
      ...told,
    ];
  });
}

/** Whether the page says of each claim that its rows measure what the command says of it. */
export async function checkClaimsTable(browser: Browser, rendered: RenderedReport): Promise<string[]> {
  const { rows } = await readResults(rendered.csv);
  const told = claimsText(checkClaims(rows).filter(({ verdict }) => verdict !== "not measured")).replaceAll(
    /\s+/g,
    " ",
  );
  return withPage(browser, rendered, {}, async ({ page }) => {
    const lines = await tableOf(page, "#claims");
    const wrong = lines.flatMap((line) => {
      const [claim, verdict, ratio, dearer, cheaper] = Object.values(line);
      const times = ratio === "-" ? "" : `: ${ratio} times`;
      const should = `${claim} ${verdict} · ${dearer?.replace(":", "")} against ${cheaper?.replace(":", "")}${times}`;
      return told.includes(should) ? [] : [`"${should}" is not what the command says`];
    });
    return lines.length > 0 ? wrong : ["it shows no claim"];
  });
}

/** The lines of the last table within something, by the headings of its columns. */
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

/** Whether a transport's name that is markup is only text, and the page still small. */
export async function checkEscaping(browser: Browser, rendered: RenderedReport, name: string): Promise<string[]> {
  return withPage(browser, rendered, {}, async ({ page, complaints }) => {
    const images = await page.locator("img").count();
    const text = await page.locator("body").innerText();
    return [
      ...complaints,
      ...(images > 0 ? ["it became an element"] : []),
      ...(text.includes(name) ? [] : ["it is not shown"]),
    ];
  });
}

/** Whether a page is below a megabyte. */
export function checkSize({ html }: RenderedReport): string[] {
  const { size } = statSync(html);
  return size < 2 ** 20 ? [] : [`it has ${size.toLocaleString("en")} bytes`];
}
