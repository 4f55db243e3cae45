/*
 * How a page speaks to a server: one function for each kind of wire. It joins at `origin`, such as
 * "http://127.0.0.1:18001", calls `on.opened()`, `on.message(message)` and once `on.closed(reason)`, and returns
 * `send(message)` and `close()`. A message is a string (text) or a Uint8Array (binary).
 */
import { bytesOfBase64, lineSplitter, readPolledBatch, readLine } from "./messages.js";

/** A WebSocket: one frame is one message. */
function webSocket({ origin }, on) {
  const socket = new WebSocket(origin.replace(/^http/, "ws"));
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => on.opened());
  socket.addEventListener("message", ({ data }) => on.message(typeof data === "string" ? data : new Uint8Array(data)));
  socket.addEventListener("close", ({ code }) => on.closed(`the WebSocket was closed with code ${code}`));
  return { send: (message) => socket.send(message), close: () => socket.close(1000) };
}

/**
 * The session protocol: POST opens a session, POST to the session sends. `receive(url, session)` gets the messages until
 * `session.ended()`. Sends go one after another, so their order stays.
 */
function sessionWire(path, { origin, name }, on, receive) {
  const ending = new AbortController();
  let sends = Promise.resolve();
  let url;
  const session = {
    name,
    signal: ending.signal,
    ended: () => ending.signal.aborted,
    message: (message) => on.message(message),
    opened: () => on.opened(),
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
async function poll(url, session, intervalMs) {
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
function events(url, session) {
  const source = new EventSource(url);
  session.signal.addEventListener("abort", () => source.close());
  source.addEventListener("open", () => session.opened());
  source.addEventListener("message", ({ data }) => session.message(data));
  source.addEventListener("json", ({ data }) => session.message(JSON.parse(data)));
  source.addEventListener("base64", ({ data }) => session.message(bytesOfBase64(data)));
  source.addEventListener("close", () => session.end("the server has closed the connection"));
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) session.end("the stream of events has ended");
  });
}

/** A response that does not end, with one line of JSON for each message. */
async function stream(url, session) {
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

/** Scripts that are loaded or on their way. Both kinds of Socket.IO's client take the same global name, `io`. */
const scripts = new Map();
let lastScript = Promise.resolve();

/** Socket.IO's client, from the server itself. */
function loadSocketIo(src) {
  if (!scripts.has(src)) {
    lastScript = lastScript.then(
      () =>
        new Promise((resolve) => {
          const script = document.createElement("script");
          script.src = src;
          script.addEventListener("load", () => resolve(window.io));
          script.addEventListener("error", () => resolve(undefined));
          document.head.append(script);
        }),
    );
    scripts.set(src, lastScript);
  }
  return scripts.get(src);
}

/** Socket.IO with its official client. A message is the event "chat". */
function socketIo({ origin, transports, msgpack }, on) {
  let socket;
  let closed = false;
  function end(reason) {
    if (closed) return;
    closed = true;
    socket?.disconnect();
    on.closed(reason);
  }
  async function open() {
    const io = await loadSocketIo(`${origin}/socket.io/${msgpack ? "socket.io.msgpack.min.js" : "socket.io.js"}`);
    if (closed) return;
    if (!io) return end("the client of Socket.IO cannot be loaded");
    socket = io(origin, { transports, forceNew: true, reconnection: false });
    socket.on("connect", () => on.opened());
    socket.on("chat", (data) => on.message(typeof data === "string" ? data : new Uint8Array(data)));
    socket.on("connect_error", ({ message }) => end(message));
    socket.on("disconnect", (reason) => end(reason));
  }
  void open();
  return {
    // A buffer, since the client for MessagePack takes a typed array for an object.
    send: (message) => socket.emit("chat", typeof message === "string" ? message : message.slice().buffer),
    close: () => end("you have left"),
  };
}

const kinds = {
  websocket: webSocket,
  polling: (about, on) => sessionWire("/poll", about, on, (url, session) => poll(url, session, about.pollIntervalMs)),
  events: (about, on) => sessionWire("/events", about, on, events),
  stream: (about, on) => sessionWire("/stream", about, on, stream),
  "socket.io": socketIo,
};

/** Joins a server over its transport. */
export function openWire(about, on) {
  return kinds[about.wire](about, on);
}
