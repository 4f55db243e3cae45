import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** Path for a screenshot of this name. Undefined where none is wanted. */
export type Screenshot = (name: string) => string | undefined;

/** Pixels by which a page is wider than its window. */
export async function overflowOf(page: Page): Promise<number> {
  return (await page.evaluate("document.documentElement.scrollWidth - innerWidth")) as number;
}

/** What axe finds in a page, each with the element that it found first. */
export async function axeFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, help, nodes }) => `axe: ${id}, ${help}: ${nodes[0]?.html.slice(0, 200)}`);
}
