import type { Socket } from "socket.io-client";
import type { ConnectionHandler, Options } from "../../../scenarios/contract.ts";

/**
 * Options of the official client for its own reconnection. "usual": its defaults. A window: each wait lies in it, the
 * first one below twice the shortest. The client knows no wait of 0 ms and takes 1 ms in its place.
 */
export function socketIoReconnection(reconnect: Options["reconnect"]) {
  if (reconnect === undefined) return { reconnection: false };
  if (reconnect === "usual") return { reconnection: true };
  const shortestMs = Math.max(1, reconnect.minMs);
  const longestMs = Math.max(shortestMs, reconnect.maxMs);
  const firstMs = Math.min(longestMs, 2 * shortestMs); // the longest first wait
  return {
    reconnection: true,
    reconnectionDelay: (shortestMs + firstMs) / 2,
    reconnectionDelayMax: longestMs,
    randomizationFactor: (firstMs - shortestMs) / (firstMs + shortestMs),
  };
}

/** The outages of one socket. */
export interface LibraryOutages {
  /** The socket has disconnected, not at our wish. */
  begin(reason: Socket.DisconnectReason): void;
  /** To be called before each message, since those that were missed arrive before the event "connect". */
  end(): void;
  /** Disconnects for good. Returns true if that has ended an outage: the library then reports no disconnect. */
  close(): boolean;
}

/**
 * Follows the reconnection of a socket that was connected once, and tells the handler of it. The library leaves two
 * cases to its user. After a disconnect by the server the socket connects at once, as its documentation says, and after
 * a refusal when the usual time has passed. `beforeAttempt` is called before each attempt.
 */
export function followOutages(socket: Socket, handler: ConnectionHandler, beforeAttempt: () => void): LibraryOutages {
  let isOut = false;
  let isClosed = false;
  let refused: NodeJS.Timeout | undefined;

  function connect(): void {
    beforeAttempt();
    socket.connect();
  }

  function end(): void {
    if (!isOut) return;
    isOut = false;
    handler.back?.(socket.recovered);
  }

  socket.io.on("reconnect_attempt", beforeAttempt);
  socket.on("connect", end);
  socket.on("connect_error", () => {
    if (!socket.active) refused = setTimeout(connect, socket.io.reconnectionDelay());
  });
  return {
    begin(reason) {
      socket.sendBuffer = []; // the library would send it before the client has entered again
      isOut = true;
      handler.lost?.();
      if (reason === "io server disconnect" && !isClosed) connect();
    },
    end,
    close() {
      const endsOutage = isOut && !isClosed;
      isClosed = true;
      clearTimeout(refused);
      socket.disconnect();
      return endsOutage;
    },
  };
}
