import type { DevTools } from "./devtools.ts";
import { PageClock } from "./page-clock.ts";
import { pageDocument, pageNames, type PageAction, type PageNote } from "./page-hub.ts";

/** Milliseconds between two reports of a page that has news all the time. */
const reportMs = 50;

/** Hears the notes of one link. `atUs` is the time of arrival, in microseconds on the clock of this process. */
export interface LinkListener {
  noted(note: PageNote, atUs: number): void;
  /** The page is gone. */
  lost(reason: Error): void;
}

/** What `Runtime.evaluate` says of an expression that threw. */
interface Evaluated {
  exceptionDetails?: { text: string; exception?: { description?: string } };
}

function thrownIn({ text, exception }: NonNullable<Evaluated["exceptionDetails"]>): string {
  return exception?.description?.split("\n")[0] ?? text;
}

/** A page of Chromium, in a browser context of its own: a visitor with connections of its own. */
export class ClientPage {
  readonly name: string;
  readonly origin: string;
  private readonly devtools: DevTools;
  private readonly session: string;
  private readonly contextId: string;
  private readonly listeners = new Map<number, LinkListener>();
  private reserved = 0;
  private actions: PageAction[] = [];
  private clock!: PageClock;
  private isReady: () => void = () => undefined;
  private gone: Error | undefined;
  private rejectGone!: (reason: Error) => void;
  /** Rejects when the page is gone: a page that was killed answers no call. */
  private readonly whenGone = new Promise<never>((_resolve, reject) => (this.rejectGone = reject));

  private constructor(name: string, origin: string, devtools: DevTools, session: string, contextId: string) {
    this.name = name;
    this.origin = origin;
    this.devtools = devtools;
    this.session = session;
    this.contextId = contextId;
    this.whenGone.catch(() => undefined);
  }

  /** Opens a page of this origin. Nothing is requested from the server for it. `script` is executed in it first. */
  static async open(name: string, origin: string, devtools: DevTools, script = ""): Promise<ClientPage> {
    const { browserContextId } = await devtools.call<{ browserContextId: string }>("Target.createBrowserContext");
    const { targetId } = await devtools.call<{ targetId: string }>("Target.createTarget", {
      url: "about:blank",
      browserContextId,
    });
    const attached = { targetId, flatten: true };
    const { sessionId } = await devtools.call<{ sessionId: string }>("Target.attachToTarget", attached);
    const page = new ClientPage(name, origin, devtools, sessionId, browserContextId);
    await Promise.race([page.load(script).then(() => page.openClock()), page.whenGone]);
    return page;
  }

  /** Links that it has or is about to have. */
  get links(): number {
    return this.listeners.size + this.reserved;
  }

  get isGone(): boolean {
    return this.gone !== undefined;
  }

  /** Keeps a place for a link, which is then added. Returns this page. */
  reserve(): this {
    this.reserved++;
    return this;
  }

  /** Adds the link for which a place was kept. `listener` hears its notes until its end. */
  add(link: number, listener: LinkListener): void {
    this.reserved--;
    if (this.gone) listener.lost(this.gone);
    else this.listeners.set(link, listener);
  }

  /** Does this in the page, after everything that was said before, in one call for all of a tick. */
  act(action: PageAction): void {
    if (this.gone) return;
    if (this.actions.push(action) === 1) queueMicrotask(() => this.sendActions());
  }

  /** Most by which a time of this page was wrong so far, in microseconds. Looks at its clock again. */
  async clockErrorUs(): Promise<number> {
    if (!this.gone) await Promise.race([this.clock.compare(), this.whenGone]).catch(() => undefined);
    return this.clock.errorUs;
  }

  /** True if this is the session of the page in the DevTools protocol. */
  hasSession(session: unknown): boolean {
    return session === this.session;
  }

  /** Closes the page with all connections that it has. */
  async close(): Promise<void> {
    this.gone ??= new Error(`${this.name} was closed`);
    this.devtools.listen(this.session, undefined);
    await this.devtools
      .call("Target.disposeBrowserContext", { browserContextId: this.contextId })
      .catch(() => undefined);
  }

  /** The page is gone, and with it all of its links. */
  lose(reason: Error): void {
    if (this.gone) return;
    this.gone = reason;
    this.rejectGone(reason);
    for (const listener of this.listeners.values()) listener.lost(reason);
    this.listeners.clear();
  }

  private call<T>(method: string, params: object = {}): Promise<T> {
    return this.devtools.call<T>(method, params, this.session);
  }

  private async load(script: string): Promise<void> {
    const body = Buffer.from(pageDocument(reportMs)).toString("base64");
    const ready = new Promise<void>((resolve) => (this.isReady = resolve));
    this.devtools.listen(this.session, (method, params) => {
      if (method === "Runtime.bindingCalled") this.read(String(params["payload"]));
      else if (method === "Fetch.requestPaused") this.serve(String(params["requestId"]), body);
      else if (method === "Inspector.targetCrashed") this.lose(new Error(`${this.name} crashed or was killed`));
    });
    for (const domain of ["Runtime", "Inspector"]) await this.call(`${domain}.enable`);
    await this.call("Runtime.addBinding", { name: pageNames.report });
    await this.call("Fetch.enable", { patterns: [{ urlPattern: "*" }] });
    const { errorText } = await this.call<{ errorText?: string }>("Page.navigate", { url: `${this.origin}/` });
    if (errorText !== undefined) throw new Error(`${this.name} was not opened: ${errorText}`);
    await ready;
    await this.call("Fetch.disable"); // from here on, requests take no detour
    if (script !== "") await this.call("Runtime.evaluate", { expression: script });
  }

  private async openClock(): Promise<void> {
    const stepUs = (await this.evaluate<boolean>("crossOriginIsolated")) ? 5 : 100;
    this.clock = new PageClock(() => this.evaluate<number>("performance.now()"), stepUs);
    await this.clock.compare();
  }

  /** Answers the request for the page itself. It is isolated, so that its clock shows 5 us and not 100 (W3C HR-Time, section 7). */
  private serve(requestId: string, body: string): void {
    const headers = {
      "content-type": "text/html; charset=utf-8",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    };
    const responseHeaders = Object.entries(headers).map(([name, value]) => ({ name, value }));
    this.call("Fetch.fulfillRequest", { requestId, responseCode: 200, responseHeaders, body }).catch(() => undefined);
  }

  private async evaluate<T>(expression: string): Promise<T> {
    const { result } = await this.call<{ result: { value: T } }>("Runtime.evaluate", {
      expression,
      returnByValue: true,
    });
    return result.value;
  }

  private sendActions(): void {
    const expression = `${pageNames.act}(${JSON.stringify(this.actions)})`;
    this.actions = [];
    this.call<Evaluated>("Runtime.evaluate", { expression }).then(
      ({ exceptionDetails: failed }) => failed && this.lose(new Error(`${this.name} failed: ${thrownIn(failed)}`)),
      (error: Error) => this.lose(new Error(`${this.name} is gone: ${error.message}`)),
    );
  }

  private read(text: string): void {
    for (const note of JSON.parse(text) as PageNote[]) {
      const [link, what] = note;
      if (link === 0) this.isReady();
      const listener = this.listeners.get(link);
      if (what === "closed") this.listeners.delete(link);
      listener?.noted(note, what === "text" || what === "bytes" ? this.clock.timeOf(note[3]) : NaN);
    }
  }
}
