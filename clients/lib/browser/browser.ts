import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { ClientClocks, ClientProgram, ClientProgramRequest } from "../../../scenarios/contract.ts";
import { pagesPerProcess } from "../../../scenarios/lib/browser-pages.ts";
import { startChromium, type ChromiumProcess } from "./chromium-process.ts";
import { ClientPage } from "./page.ts";

/** Pages that are opened side by side. Most of the time a page waits for another process. */
const pagesAtOnce = 4;

/** What the pages of one kind of client have. */
export interface PageKind {
  /** Links that one page has at most. */
  linksPerPage: number;
  /** A package whose file for browsers the pages need. Default: none. */
  library?: string;
}

/** The pages of the Chromium of this process, which starts with the first of them. */
export class Browser {
  private readonly kind: PageKind;
  private chromium: ChromiumProcess | undefined;
  private pages: ClientPage[] = [];
  private opening: Promise<unknown> = Promise.resolve();
  private mostPages = pagesPerProcess;
  private opened = 0;
  private inUse = 0;

  constructor(kind: PageKind) {
    this.kind = kind;
  }

  /** The program of a client half: it opens pages before clients connect, so that their connects do not wait for pages. */
  readonly program: ClientProgram = {
    start: (request) => this.start(request),
    group: () => this.chromium?.group,
    clocks: () => this.clocks(),
  };

  /** The page of a new client, where most room is left. Rejects where Chromium has ended or all pages are full. */
  async place(origin: string): Promise<ClientPage> {
    this.use();
    try {
      const free = this.freePage(origin);
      if (free) return free.reserve();
      const next = this.opening.then(async () => (this.freePage(origin) ?? (await this.openPage(origin))).reserve());
      this.opening = next.catch(() => undefined);
      return await next;
    } finally {
      this.release();
    }
  }

  /** A client uses a page: this process must not end. */
  use(): void {
    if (this.inUse++ === 0) this.chromium?.keepAlive(true);
  }

  /** It does so no more. */
  release(): void {
    if (--this.inUse === 0) this.chromium?.keepAlive(false);
  }

  private async start({ clients, pages, addresses }: ClientProgramRequest): Promise<void> {
    this.mostPages = pages;
    const origins = addresses.map(originOf);
    this.use();
    try {
      const all = Array.from(
        { length: Math.min(pages, clients) },
        (_, page) => origins[page % origins.length]!,
      ).values();
      const lanes = Array.from({ length: pagesAtOnce }, async () => {
        for (const origin of all) await this.openPage(origin);
      });
      await Promise.all(lanes);
    } finally {
      this.release();
    }
  }

  /** One page after the other: side by side they would wait for each other, and a clock is read in that time. */
  private async clocks(): Promise<ClientClocks> {
    let errorUs = 0;
    for (const page of this.pages) errorUs = Math.max(errorUs, await page.clockErrorUs());
    return { pages: this.pages.length, errorUs };
  }

  private freePage(origin: string): ClientPage | undefined {
    const { linksPerPage } = this.kind;
    return this.pages
      .filter((page) => !page.isGone && page.origin === origin && page.links < linksPerPage)
      .reduce<ClientPage | undefined>((least, page) => (least && least.links <= page.links ? least : page), undefined);
  }

  private async openPage(origin: string): Promise<ClientPage> {
    await this.closeUnused(origin);
    if (this.pages.length >= this.mostPages)
      throw new Error(
        `all ${this.mostPages} pages of Chromium have ${this.kind.linksPerPage} clients each, which is as many as they can have`,
      );
    const { devtools } = (this.chromium ??= this.startChromium());
    const page = await ClientPage.open(`page ${++this.opened} of Chromium`, origin, devtools, this.script());
    this.pages.push(page);
    return page;
  }

  /** Closes pages without clients of other servers, where a page of this one has no place. */
  private async closeUnused(origin: string): Promise<void> {
    if (this.pages.length < this.mostPages) return;
    const unused = this.pages.filter((page) => page.isGone || (page.origin !== origin && page.links === 0));
    this.pages = this.pages.filter((page) => !unused.includes(page));
    await Promise.all(unused.map((page) => page.close()));
  }

  private startChromium(): ChromiumProcess {
    const chromium = startChromium((reason) => {
      this.chromium = undefined;
      for (const page of this.pages.splice(0)) page.lose(reason);
    });
    chromium.devtools.listen("", (method, { sessionId }) => {
      const page = method === "Target.detachedFromTarget" && this.pages.find((each) => each.hasSession(sessionId));
      if (page) page.lose(new Error(`${page.name} was closed`));
    });
    chromium.keepAlive(this.inUse > 0);
    return chromium;
  }

  private script(): string {
    const { library } = this.kind;
    return library === undefined ? "" : readFileSync(createRequire(import.meta.url).resolve(library), "utf8");
  }
}

/** The origin of the pages that connect to a server: its own, as if it had served them. */
export function originOf({ host, port, authority }: { host: string; port: number; authority?: string }): string {
  return `http://${authority ?? `${host.includes(":") ? `[${host}]` : host}:${port}`}`;
}
