import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { opcodes } from "./lib/frames.ts";
import { jsonStringBytes } from "./lib/json-string.ts";
import { packetReader, packets, textPacketBytes, writeTextPacket } from "./lib/packets.ts";
import { openWebSocket, type Receiver, type WebSocketWire } from "./lib/websocket.ts";

/** Where a Socket.IO server takes WebSockets. */
const target = "/socket.io/?EIO=4&transport=websocket";

/**
 * Socket.IO over WebSocket, lean: Engine.IO v4 and Socket.IO v5, one namespace, no reconnection. A text is put into JSON and taken out of
 * it as bytes, without a JavaScript string in between.
 */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  // JSON escapes at most sextuple a text.
  const limits = { handshakeMs: options.handshakeMs, maxPayloadBytes: 6 * options.maxPayloadBytes + 64 };
  return new Promise((resolve, reject) => {
    const listen = (socket: WebSocketWire): Receiver => enter(socket, inbox, options, resolve, reject);
    openWebSocket(address, target, limits, listen).catch(reject);
  });
}

/** Joins over an open WebSocket: one of `resolve` and `reject` is told how that went. */
function enter(
  socket: WebSocketWire,
  inbox: Inbox,
  { handshakeMs, maxPayloadBytes }: Options,
  resolve: (link: Link) => void,
  reject: (error: Error) => void,
): Receiver {
  let stage: "joining" | "joined" | "leaving" | "sent away" = "joining";
  let silenceMs = handshakeMs;
  let patience = setTimeout(lose, handshakeMs, `let nobody in for ${handshakeMs} ms`);

  function lose(why: string): void {
    socket.fail(new Error(`the Socket.IO server ${why}`));
  }

  function leave(how: typeof stage): void {
    clearTimeout(patience);
    stage = how;
    socket.close();
  }

  const link: Link = {
    send(payload, text) {
      if (!socket.isOpen()) return;
      if (text) return sayText(socket, payload);
      say(socket, packets.announcement);
      say(socket, payload, opcodes.binary);
    },
    close() {
      if (!socket.isOpen()) return;
      say(socket, packets.leave);
      leave("leaving");
    },
  };

  const read = packetReader(maxPayloadBytes, {
    opened(ms) {
      silenceMs = ms;
      say(socket, packets.join);
    },
    joined() {
      stage = "joined";
      clearTimeout(patience);
      patience = setTimeout(lose, silenceMs, `was silent for ${silenceMs} ms`);
      resolve(link);
    },
    ping() {
      patience.refresh();
      if (socket.isOpen()) say(socket, packets.pong);
    },
    message: (payload, text) => inbox.receive(payload, text),
    left: () => leave("sent away"),
    refuse: (error) => socket.fail(error),
  });

  function closed(error?: Error): void {
    clearTimeout(patience);
    if (stage === "joining") reject(error ?? new Error("the Socket.IO server let nobody in"));
    else if (stage === "sent away") inbox.closed();
    else
      inbox.closed(
        error ?? (stage === "leaving" ? undefined : new Error("the Socket.IO server left without a goodbye")),
      );
  }

  return { message: read, closed };
}

function say(socket: WebSocketWire, payload: Buffer, opcode: number = opcodes.text): void {
  const space = socket.begin(opcode, payload.length);
  payload.copy(space.bytes, space.at);
  socket.finish(space, payload.length);
}

function sayText(socket: WebSocketWire, text: Buffer): void {
  const stringBytes = jsonStringBytes(text);
  const packetBytes = textPacketBytes(stringBytes);
  const space = socket.begin(opcodes.text, packetBytes);
  writeTextPacket(space.bytes, space.at, text, stringBytes);
  socket.finish(space, packetBytes);
}
