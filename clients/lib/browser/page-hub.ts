import { openSocketIoLink, openWebSocketLink, type LinkEvents, type LinkRequest, type PageLink } from "./page-links.ts";
import { openEventsLink, openPollLink, openSessionLink, readPoll } from "./page-sessions.ts";

/** What a page is told to do with a link: open it, send a text or bytes in base64, or close it. */
export type PageAction =
  | [link: number, action: "open", request: LinkRequest]
  | [link: number, action: "text" | "bytes", data: string]
  | [link: number, action: "close"];

/** What a page notes of a link: messages with the time of their arrival, in milliseconds on the clock of the page. */
export type PageNote =
  | [link: number, note: "opened"]
  | [link: number, note: "text" | "bytes", data: string, atMs: number]
  | [link: number, note: "closed", reason: string, code: number];

type Openers = Record<LinkRequest["kind"], (request: LinkRequest, events: LinkEvents) => PageLink>;

/**
 * The links of one page. Their notes go to `report` as JSON, at once where there was silence, and otherwise so many
 * milliseconds after the last ones. Its text is sent to the page.
 */
function openHub(openers: Openers, report: (notes: string) => void, reportMs: number) {
  const links = new Map<number, PageLink>();
  let notes: unknown[] = [];
  let [isWaiting, lastMs] = [false, -Infinity];
  const flush = (): void => {
    isWaiting = false;
    lastMs = performance.now();
    const text = JSON.stringify(notes);
    notes = [];
    report(text);
  };
  const note = (...each: PageNote): void => {
    notes.push(each);
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(flush, Math.max(0, lastMs + reportMs - performance.now()));
  };
  const toBase64 = (bytes: Uint8Array): string => {
    let text = "";
    for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    return btoa(text);
  };
  const eventsOf = (link: number): LinkEvents => ({
    opened: () => note(link, "opened"),
    message: (atMs, data) =>
      typeof data === "string"
        ? note(link, "text", data, atMs)
        : note(link, "bytes", toBase64(new Uint8Array(data)), atMs),
    base64: (atMs, data) => note(link, "bytes", data, atMs),
    closed(code, reason) {
      links.delete(link);
      note(link, "closed", reason, code);
    },
  });
  const act = (...[link, action, what]: PageAction): void => {
    if (action === "open") links.set(link, openers[what.kind](what, eventsOf(link)));
    else if (action === "close") links.get(link)?.close();
    else if (action === "text") links.get(link)?.send(what);
    else links.get(link)?.send(Uint8Array.from(atob(what), (character) => character.charCodeAt(0)));
  };
  return (actions: readonly PageAction[]): void => actions.forEach((each) => act(...each));
}

/** Name of the function of the page that takes a list of `PageAction`, and of the one that the page calls with notes. */
export const pageNames = { act: "benchAct", report: "benchReport" };

/** The text of a page: a document that loads nothing, with its links. It says `opened` of link 0 when it is ready. */
export function pageDocument(reportMs: number): string {
  const functions = [
    openWebSocketLink,
    openSocketIoLink,
    openSessionLink,
    openEventsLink,
    readPoll,
    openPollLink,
    openHub,
  ];
  const openers = "{ ws: openWebSocketLink, sse: openEventsLink, poll: openPollLink, 'socket.io': openSocketIoLink }";
  return [
    `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Clients</title><script>`,
    `"use strict"; const page = globalThis;`,
    ...functions.map(String),
    `globalThis.${pageNames.act} = openHub(${openers}, (notes) => ${pageNames.report}(notes), ${reportMs});`,
    `${pageNames.report}(JSON.stringify([[0, "opened"]]));`,
    `</script>`,
  ].join("\n");
}
