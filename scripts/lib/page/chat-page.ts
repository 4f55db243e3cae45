import type { Browser, Page } from "playwright-core";
import { until } from "../../../scenarios/lib/until.ts";
import { startScript } from "../spawn-script.ts";

/** Milliseconds in which a page must show what it is to show. */
const pageMs = 15_000;

/** A page of `npm run serve` in a browser. */
export interface ChatPage {
  page: Page;
  /** Requests to other hosts, errors and warnings of the page, and dialogs. */
  problems: string[];
  /** Types a message and sends it. */
  say(text: string): Promise<void>;
  /** Waits until this is in the log of a transport, also where its tab is not selected. */
  hears(transport: string, text: string): Promise<void>;
  /** Waits until every transport is connected. */
  isReady(): Promise<void>;
}

/** Starts `npm run serve` with these arguments and calls `use` with the link that it prints. Ends it afterwards. */
export async function withServe<T>(args: readonly string[], use: (link: string) => Promise<T>): Promise<T> {
  const server = startScript("serve.js", args);
  try {
    await until(
      () => /Open in a browser:\n.*\n/.test(server.seen.out) || server.seen.err !== "",
      "serve prints a link",
    );
    const link = /Open in a browser:\n {2}(\S+)\n/.exec(server.seen.out)?.[1];
    if (link === undefined) throw new Error(`serve says: ${server.seen.err}`);
    return await use(link);
  } finally {
    server.child.kill("SIGTERM");
    await server.code;
  }
}

/** Opens a link in as many pages as `use` wants, each in a browser of its own, and closes them afterwards. */
export async function withChat<T>(
  browser: Browser,
  link: string,
  use: (open: () => Promise<ChatPage>) => Promise<T>,
): Promise<T> {
  const contexts: { close(): Promise<void> }[] = [];
  try {
    return await use(async () => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      contexts.push(context);
      return openChat(await context.newPage(), link);
    });
  } finally {
    for (const context of contexts) await context.close();
  }
}

async function openChat(page: Page, link: string): Promise<ChatPage> {
  const problems: string[] = [];
  const { hostname } = new URL(link);
  page.setDefaultTimeout(pageMs);
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.hostname !== hostname) problems.push(`it requested ${request.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() !== "log") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("dialog", (dialog) => {
    problems.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(link);
  const log = (transport: string) => page.locator(`[id="panel-${transport}"] [role=log]`);
  return {
    page,
    problems,
    async say(text) {
      await page.locator("#message").fill(text);
      await page.locator("#send").click();
    },
    hears: (transport, text) => log(transport).filter({ hasText: text }).waitFor({ state: "attached" }),
    async isReady() {
      await page.locator("#composer").waitFor();
      await page.locator('.state[data-state="joining"]').first().waitFor({ state: "detached" });
    },
  };
}
