/*
 * Clients inside a page. The text of these functions is sent to the page, so they use nothing but each other and what a
 * page has. A page does only this: connect, send what it is told, and note what arrives with the time at which it did.
 */

/** What a page has of all that the functions need. */
interface PageGlobals {
  WebSocket: new (url: string, protocols: string[]) => PageSocket;
  io(url: string, options: object): PageSocketIo;
}

interface PageSocket {
  binaryType: string;
  readyState: number;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: string | ArrayBuffer }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
  send(data: string | Uint8Array): void;
  close(code: number): void;
}

interface PageSocketIo {
  connected: boolean;
  on(event: string, listener: (value: never) => void): void;
  emit(event: string, message: string | Uint8Array): void;
  disconnect(): void;
}

declare const page: PageGlobals;

/** What a link has to be opened with. `url` is the origin of the page and a path. */
export interface LinkRequest {
  kind: "ws" | "sse" | "poll" | "socket.io";
  url: string;
  subprotocols: string[];
  /** Milliseconds until a request must be answered, and a poll. */
  requestMs: number;
  pollMs: number;
  /** Milliseconds between polls, at the phase of the client. 0: each follows the response to the one before. */
  intervalMs: number;
  phase: number;
}

/** What a link tells: each message with the time of its arrival on the clock of the page, in milliseconds. */
export interface LinkEvents {
  opened(): void;
  message(atMs: number, data: string | ArrayBuffer | Uint8Array): void;
  /** A message whose bytes are here in base64. */
  base64(atMs: number, data: string): void;
  /** The end of the link: the close code of a WebSocket, or 0 and a reason where it failed. */
  closed(code: number, reason: string): void;
}

/** A connection of one client. */
export interface PageLink {
  send(data: string | Uint8Array): void;
  close(): void;
}

/** A WebSocket. */
export function openWebSocketLink({ url, subprotocols }: LinkRequest, events: LinkEvents): PageLink {
  const socket = new page.WebSocket(url.replace(/^http/, "ws"), subprotocols);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => events.opened());
  socket.addEventListener("message", ({ data }) => events.message(performance.now(), data));
  socket.addEventListener("close", ({ code, reason }) => events.closed(code, reason));
  return {
    send: (data) => {
      if (socket.readyState === 1) socket.send(data);
    },
    close: () => socket.close(1000),
  };
}

/** Socket.IO's own client, over WebSocket only. */
export function openSocketIoLink({ url, requestMs }: LinkRequest, events: LinkEvents): PageLink {
  const options = { transports: ["websocket"], forceNew: true, reconnection: false, timeout: requestMs };
  const socket = page.io(url, options);
  socket.on("connect", () => events.opened());
  socket.on("connect_error", (error: Error) => events.closed(0, error.message));
  socket.on("chat", (data: string | ArrayBuffer) => events.message(performance.now(), data));
  socket.on("disconnect", (reason: string) => {
    const isRequested = reason === "io server disconnect" || reason === "io client disconnect";
    events.closed(isRequested ? 1000 : 0, `Socket.IO disconnected: ${reason}`);
  });
  return {
    send: (data) => {
      if (socket.connected) socket.emit("chat", data);
    },
    close() {
      if (!socket.connected) events.closed(0, "it was closed before it was open"); // the library does not say so
      socket.disconnect();
    },
  };
}
