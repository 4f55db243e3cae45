import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { opcodes } from "./lib/frames.ts";
import { openWebSocket } from "./lib/websocket.ts";

/** Raw WebSocket, lean: one masked frame per message, no compression offered. */
export default async function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  const socket = await openWebSocket(address, "/", options, () => ({
    message: (from, start, end, text) => inbox.receive(from.view(start, end), text),
    closed: (error) => inbox.closed(error),
  }));
  return {
    send(payload, text) {
      if (!socket.isOpen()) return;
      const space = socket.begin(text ? opcodes.text : opcodes.binary, payload.length);
      payload.copy(space.bytes, space.at);
      socket.finish(space, payload.length);
    },
    close: () => socket.close(1000),
  };
}
