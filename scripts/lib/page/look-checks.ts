import type { Browser } from "playwright-core";
import { axeFindings, overflowOf, type Screenshot } from "../page-look.ts";
import { withChat } from "./chat-page.ts";

/**
 * Sizes of the window, and colours; `axe` where axe looks, which takes seconds. A window of 1280 pixels at 200 % is one
 * of 640. WCAG 1.4.10 asks for 320.
 */
const views = [
  { name: "desktop", size: { width: 1280, height: 900 }, colorScheme: "light", axe: true },
  { name: "desktop dark", size: { width: 1280, height: 900 }, colorScheme: "dark", axe: true },
  { name: "phone", size: { width: 360, height: 740 }, colorScheme: "light", axe: true },
  { name: "phone dark", size: { width: 360, height: 740 }, colorScheme: "dark", axe: false },
  { name: "zoomed", size: { width: 640, height: 450 }, colorScheme: "light", axe: false },
  { name: "320 pixels", size: { width: 320, height: 600 }, colorScheme: "light", axe: false },
] as const;

/** Checks that the page of a link fits every window, and that axe finds nothing. Saves screenshots. */
export async function checkLook(
  browser: Browser,
  link: string,
  label: string,
  screenshot: Screenshot,
): Promise<string[]> {
  return withChat(browser, link, async (open) => {
    const { page, problems, say, hears, isReady } = await open();
    await isReady();
    await page.locator("#name").fill("Ann");
    await say("hello");
    if (label === "all") await page.locator("#news").filter({ hasText: "Back:" }).waitFor({ state: "attached" });
    else await hears(label, "hello");
    const found = [...problems];
    for (const { name, size, colorScheme, axe } of views) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      const path = screenshot(`chat ${label} ${name}`);
      if (path !== undefined) await page.screenshot({ path, fullPage: true });
      const overflowPx = await overflowOf(page);
      const seen = axe ? await axeFindings(page) : [];
      found.push(
        ...(overflowPx > 0 ? [`${name}: it is ${overflowPx} pixels wider than the window`] : []),
        ...seen.map((each) => `${name}: ${each}`),
      );
    }
    return found.map((problem) => `${label}, ${problem}`);
  });
}
