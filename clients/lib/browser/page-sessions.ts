import type { LinkEvents, LinkRequest, PageLink } from "./page-links.ts";

/*
 * Clients of the session protocol inside a page. The text of these functions is sent to the page, as that of
 * page-links.ts is.
 */

declare const page: { EventSource: new (url: string) => PageEventSource };

interface PageEventSource {
  readyState: number;
  addEventListener(type: string, listener: (event: { data: string }) => void): void;
  close(): void;
}

/** A session that is opened, sends with POST and is closed with DELETE. `receive` gets its URL when it is open. */
export function openSessionLink(
  { url, requestMs }: LinkRequest,
  events: LinkEvents,
  receive: (session: string, link: { ended(reason?: string): void; isOpen(): boolean }) => { stop(): void },
): PageLink {
  let session = url;
  let state: "open" | "closing" | "closed" = "open";
  let receiver: { stop(): void } | undefined;
  const ended = (reason?: string): void => {
    if (state === "closed") return;
    state = "closed";
    receiver?.stop();
    events.closed(reason === undefined ? 1000 : 0, reason ?? "");
  };
  const request = async (method: string, expected: number, body?: string | Uint8Array): Promise<string> => {
    const headers = typeof body === "object" ? { "content-type": "application/octet-stream" } : {};
    const signal = AbortSignal.timeout(requestMs);
    const response = await fetch(session, {
      method,
      headers,
      signal,
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    if (response.status === expected) return text;
    throw new Error(`the server answered ${response.status} instead of ${expected}: ${text}`);
  };
  // Requests go one after another, so that no message overtakes another one.
  let last: Promise<unknown> = request("POST", 201).then((id) => {
    session += `/${id}`;
    receiver = receive(session, { ended, isOpen: () => state !== "closed" });
    return undefined;
  });
  const failed = (error: Error): void => ended(error.message);
  last.catch(failed);
  return {
    send(data) {
      if (state !== "open") return;
      last = last.then(() => request("POST", 204, data));
      last.catch(failed);
    },
    close() {
      if (state !== "open") return;
      state = "closing";
      last.then(() => request("DELETE", 204)).then(() => ended(), failed);
    },
  };
}

/** An EventSource for what arrives. A stream that was cut off opens again by itself, once. */
export function openEventsLink(request: LinkRequest, events: LinkEvents): PageLink {
  return openSessionLink(request, events, (session, link) => {
    const source = new page.EventSource(session);
    let failures = 0;
    source.addEventListener("open", () => {
      failures = 0;
      events.opened();
    });
    source.addEventListener("error", () => {
      if (source.readyState === 2) link.ended("the server did not answer with a stream of events");
      else if (++failures > 1) link.ended("the stream of events was cut off and could not be opened again");
    });
    source.addEventListener("message", ({ data }) => events.message(performance.now(), data));
    source.addEventListener("json", ({ data }) => events.message(performance.now(), JSON.parse(data) as string));
    source.addEventListener("base64", ({ data }) => events.base64(performance.now(), data));
    source.addEventListener("close", () => link.ended());
    return { stop: () => source.close() };
  });
}

/** Calls `message` with each message of the body of a poll's response. */
export async function readPoll(response: Response, message: (data: string | Uint8Array) => void): Promise<void> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) {
    for (const text of JSON.parse(await response.text()) as string[]) message(text);
    return;
  }
  const body = await response.arrayBuffer();
  const view = new DataView(body);
  for (let at = 0; at < body.byteLength;) {
    const header = view.getUint32(at);
    const bytes = new Uint8Array(body, at + 4, header & 0x7fffffff); // throws where the body ends within a record
    message(header >>> 31 ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) : bytes);
    at += 4 + bytes.length;
  }
}

/** Polls with fetch. A poll that fails is repeated once. */
export function openPollLink(request: LinkRequest, events: LinkEvents): PageLink {
  const { pollMs, intervalMs, phase } = request;
  return openSessionLink(request, events, (session, link) => {
    const stopping = new AbortController();
    let received = 0;
    let tick = 0;
    const poll = async (): Promise<Response> => {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(pollMs)]);
      return fetch(`${session}?after=${String(received).padStart(10, "0")}`, { signal });
    };
    const due = async (): Promise<void> => {
      if (intervalMs === 0) return;
      const nowMs = performance.timeOrigin + performance.now();
      tick = Math.max(tick, Math.floor(nowMs / intervalMs - phase)) + 1;
      await new Promise((resolve) => setTimeout(resolve, (tick + phase) * intervalMs - nowMs));
    };
    const pollOn = async (): Promise<void> => {
      for (await due(); link.isOpen(); await due()) {
        const response = await poll().catch(poll);
        if (response.status === 410) return link.ended();
        if (response.status === 204) continue;
        if (response.status !== 200) throw new Error(`the server answered ${response.status} instead of 200`);
        await readPoll(response, (data) => {
          received++;
          events.message(performance.now(), data);
        });
      }
    };
    events.opened();
    pollOn().catch((error: Error) => link.ended(error.message));
    return { stop: () => stopping.abort() };
  });
}
