import { io } from "socket.io-client";
import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";

/**
 * Socket.IO through its official client, WebSocket transport only, without reconnection. Strings come as JavaScript strings and
 * are turned into bytes for the inbox: that conversion is part of what this client costs.
 */
export default function connect({ host, port }: Address, inbox: Inbox, options: Options): Promise<Link> {
  return new Promise((resolve, reject) => {
    const socket = io(`http://${host}:${port}`, {
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      ...withoutDeflate,
      timeout: options.handshakeMs,
    });
    socket.once("connect_error", (error) => {
      socket.disconnect();
      reject(error);
    });
    socket.on("chat", (message: string | Buffer) => {
      if (typeof message === "string") inbox.receive(Buffer.from(message), true);
      else inbox.receive(message, false);
    });
    socket.once("disconnect", (reason) => inbox.closed(unclean(reason)));
    socket.once("connect", () =>
      resolve({
        send: (payload, text) => {
          // A Buffer may wait for the next tick: this one is the caller's again before that.
          if (socket.connected) socket.emit("chat", text ? payload.toString() : Buffer.from(payload));
        },
        close: () => void socket.disconnect(),
      }),
    );
  });
}

/** The client offers permessage-deflate unless told not to, which its types do not know how to say. */
const withoutDeflate: Record<string, unknown> = { perMessageDeflate: false };

/** Socket.IO names the reason of every disconnect; a goodbye of either side is none of ours. */
function unclean(reason: string): Error | undefined {
  const goodbye = reason === "io server disconnect" || reason === "io client disconnect";
  return goodbye ? undefined : new Error(`Socket.IO disconnected: ${reason}`);
}
