/*
 * How a page speaks to a server: one function for each kind of wire. It joins at `origin`, such as
 * "http://127.0.0.1:18001", calls `on.opened()`, `on.message(message)` and once `on.closed(reason)`, and returns
 * `send(message)` and `close()`. It calls `on.lost()` where it opens a broken connection again by itself. A message is a
 * string (text) or a Uint8Array (binary).
 */
import { openSession, pollFor, readEvents, readStream } from "./sessions.js";

/** A WebSocket: one frame is one message. */
function webSocket({ origin }, on) {
  const socket = new WebSocket(origin.replace(/^http/, "ws"));
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => on.opened());
  socket.addEventListener("message", ({ data }) => on.message(typeof data === "string" ? data : new Uint8Array(data)));
  socket.addEventListener("close", ({ code }) => on.closed(`the WebSocket was closed with code ${code}`));
  return { send: (message) => socket.send(message), close: () => socket.close(1000) };
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
          script.addEventListener("error", () => {
            scripts.delete(src); // the next attempt may find it
            resolve(undefined);
          });
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
  polling: (about, on) =>
    openSession("/poll", about, on, (url, session) => pollFor(url, session, about.pollIntervalMs)),
  events: (about, on) => openSession("/events", about, on, readEvents),
  stream: (about, on) => openSession("/stream", about, on, readStream),
  "socket.io": socketIo,
};

/** Joins a server over its transport. */
export function openWire(about, on) {
  return kinds[about.wire](about, on);
}
