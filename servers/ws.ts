import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer, type RawData } from "ws";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { encodeFrame } from "./lib/websocket/frames.ts";
import { hostApplication, type Carrier } from "./lib/hosting/host.ts";
import { httpServer, upgradeRequired } from "./lib/http/http-server.ts";
import { listen } from "./lib/hosting/listen.ts";

/**
 * A client: what `ws` makes of its connection, and the connection itself. Tells of every goodbye just before it is said, also of those that
 * `ws` says by itself: what it answers, and refuses.
 */
class Wire extends WebSocket {
  stream!: Duplex;
  parting: (() => void) | undefined;

  override close(code?: number, reason?: string | Buffer): void {
    this.parting?.();
    super.close(code, reason);
  }
}

/**
 * Raw WebSocket (RFC 6455) with `ws` on an HTTP server's upgrade: one frame per message, text or binary. The heartbeat is an empty
 * ping; who has not answered by the next is dropped. Reads of `own` `path`, by default "/", and `deflate`: whether permessage-deflate (RFC
 * 7692) is accepted, with the defaults of `ws`: both sides keep their context from one message to the next, therefore every message is
 * compressed, however short.
 *
 * Messages are written as finished frames to the stream that the upgrade handed over, a broadcast's being built once. `ws` writes its own
 * frames (pings, pongs, the close) to the same stream whole and at once, since nothing is compressed and it sends no messages: so frames
 * neither mix nor overtake each other. None follows a close frame, after which `ws` no longer calls the socket open. Where messages are
 * compressed, each is left to `ws` whole.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const deflate = options.transportOptions["deflate"] === true;
  const server = httpServer(options, options.idleMs, upgradeRequired);
  // How long a goodbye may go unanswered: 30 s unless told otherwise, which its types do not know yet.
  const patience: Record<string, unknown> = { closeTimeout: options.handshakeMs };
  const sockets = new WebSocketServer({
    noServer: true,
    path: String(options.transportOptions["path"] ?? "/"),
    perMessageDeflate: deflate,
    maxPayload: options.maxPayloadBytes,
    WebSocket: Wire,
    ...patience,
  });
  const ending: Pick<Carrier<Wire, never>, "close" | "drop"> = {
    close: (wire) => wire.close(1000),
    drop: (wire) => wire.terminate(),
  };
  const finished: Carrier<Wire, Buffer> = {
    ...ending,
    encode: encodeFrame,
    join: (frames) => Buffer.concat(frames),
    push({ readyState, stream }, bytes) {
      if (readyState !== WebSocket.OPEN || !stream.writable) return false;
      stream.write(bytes);
      return true;
    },
    queuedBytes: ({ stream }) => stream.writableLength,
  };
  const compressed: Carrier<Wire, { payload: Buffer; binary: boolean }> = {
    ...ending,
    encode: (payload, text) => ({ payload, binary: !text }),
    push(wire, { payload, binary }) {
      wire.send(payload, { binary }, (error) => error || countOut(payload.length));
      return true;
    },
    queuedBytes: ({ bufferedAmount }) => bufferedAmount,
    countsOut: true,
  };
  const { counts, join, flush, closeAll } = deflate
    ? hostApplication(app, compressed, options)
    : hostApplication(app, finished, options);

  /** Compression takes its time, in other threads: a payload is counted when its frame is handed over. */
  function countOut(payloadBytes: number): void {
    counts.payloadsOut++;
    counts.payloadBytesOut += payloadBytes;
  }

  const silent = new Set<WebSocket>();
  function receive(wire: Wire, stream: Duplex): void {
    wire.stream = stream;
    wire.parting = flush;
    const connection = join(wire);
    wire.on("message", (data: RawData, isBinary) => connection.receive(data as Buffer, !isBinary));
    wire.on("pong", () => silent.delete(wire));
    wire.on("error", () => undefined); // `ws` has sent the right close code and ends the socket itself
    wire.on("close", () => {
      silent.delete(wire);
      connection.leave();
    });
  }
  server.on("upgrade", (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (wire) => receive(wire, stream));
  });

  const listener = await listen(server, options);
  const heartbeat = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) socket.terminate();
      else {
        silent.add(socket);
        socket.ping();
      }
    }
  }, options.heartbeatMs);

  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      clearInterval(heartbeat);
      closeAll();
      await listener.close();
    },
  };
}
