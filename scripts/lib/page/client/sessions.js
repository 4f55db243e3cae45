/* The session protocol of the servers (servers/lib/http/session-routes.ts), as a page speaks it. */
import { bytesOfBase64, lineSplitter, readLine, readPolledBatch } from "./messages.js";

/**
 * The session protocol: POST opens a session, POST to the session sends. `receive(url, session)` gets the messages until
 * `session.ended()`. Sends go one after another, so their order stays.
 */
export function openSession(path, { origin }, on, receive) {
  const ending = new AbortController();
  let sends = Promise.resolve();
  let url;
  const session = {
    signal: ending.signal,
    ended: () => ending.signal.aborted,
    message: (message) => on.message(message),
    opened: () => on.opened(),
    lost: () => on.lost(),
    end(reason) {
      if (ending.signal.aborted) return;
      ending.abort();
      on.closed(reason);
    },
  };
  const failed = (error) => session.end(error.message);
  async function open() {
    const response = await fetch(origin + path, { method: "POST", signal: ending.signal });
    if (response.status !== 201) throw new Error(`the server answered ${response.status}`);
    url = `${origin}${path}/${await response.text()}`;
    await receive(url, session);
  }
  async function post(message) {
    // Bytes have no content type. A browser would ask first whether it may send another one to another port.
    const response = await fetch(url, { method: "POST", body: message, signal: ending.signal });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
  }
  open().catch(failed);
  return {
    send(message) {
      sends = sends.then(() => post(message)).catch(failed);
    },
    close() {
      if (url !== undefined && !session.ended())
        fetch(url, { method: "DELETE", keepalive: true }).catch(() => undefined);
      session.end("you have left");
    },
  };
}

/** Polls: at intervals (short polling), or at once after each response, which the server holds back (long polling). */
export async function pollFor(url, session, intervalMs) {
  session.opened();
  let received = 0;
  while (!session.ended()) {
    const startMs = performance.now();
    const response = await fetch(`${url}?after=${received}`, { signal: session.signal });
    if (response.status === 200) {
      const body = new Uint8Array(await response.arrayBuffer());
      for (const message of readPolledBatch(response.headers.get("content-type"), body)) {
        received++;
        session.message(message);
      }
    } else if (response.status !== 204) throw new Error(`the server answered ${response.status} to a poll`);
    const restMs = intervalMs - (performance.now() - startMs);
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}

/** Server-sent events. The browser itself connects again after a break. */
export function readEvents(url, session) {
  const source = new EventSource(url);
  session.signal.addEventListener("abort", () => source.close());
  source.addEventListener("open", () => session.opened());
  source.addEventListener("message", ({ data }) => session.message(data));
  source.addEventListener("json", ({ data }) => session.message(JSON.parse(data)));
  source.addEventListener("base64", ({ data }) => session.message(bytesOfBase64(data)));
  source.addEventListener("close", () => session.end("the server has closed the connection"));
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) session.end("the stream of events has ended");
    else session.lost();
  });
}

/** A response that does not end, with one line of JSON for each message. */
export async function readStream(url, session) {
  const response = await fetch(url, { signal: session.signal });
  if (response.status !== 200) throw new Error(`the server answered ${response.status} to the stream`);
  session.opened();
  const linesIn = lineSplitter();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return session.end("the stream has ended");
    for (const line of linesIn(value)) {
      const message = readLine(line);
      if (message !== undefined) session.message(message);
    }
  }
}
