import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { Carrier } from "../hosting/carrier.ts";
import { encodeFrame } from "./frames.ts";

/** A WebSocket that `ws` has accepted, with its stream. */
export class AcceptedSocket extends WebSocket {
  stream!: Duplex;
  /**
   * Called before every close frame, including those that `ws` sends on its own: responses to a close, and refusals.
   */
  beforeClose: (() => void) | undefined;

  override close(code?: number, reason?: string | Buffer): void {
    this.beforeClose?.();
    super.close(code, reason);
  }
}

const endings: Pick<Carrier<AcceptedSocket, never>, "close" | "drop"> = {
  close: (socket) => socket.close(1000),
  drop: (socket) => socket.terminate(),
};

/**
 * Writes finished frames to the stream of the upgrade; the frame of a broadcast is built once. `ws` writes its own
 * frames (pings, pongs, closes) to the same stream, each at once and complete, because nothing is compressed and `ws`
 * sends no messages. So frames neither mix nor overtake each other. No frame follows a close frame, because `ws` then
 * no longer reports the socket as open.
 */
export const frameCarrier: Carrier<AcceptedSocket, Buffer> = {
  ...endings,
  encode: encodeFrame,
  concat: (frames) => Buffer.concat(frames),
  push({ readyState, stream }, bytes) {
    if (readyState !== WebSocket.OPEN || !stream.writable) return false;
    stream.write(bytes);
    return true;
  },
  queuedBytes: ({ stream }) => stream.writableLength,
};

/** A message that `ws` compresses for each receiver. */
interface UncompressedMessage {
  payload: Buffer;
  binary: boolean;
}

/**
 * Sends each message with `ws`, which compresses it in another thread. `onSent` is called when a frame is written to
 * the socket.
 */
export function compressedCarrier(
  onSent: (payloadBytes: number) => void,
): Carrier<AcceptedSocket, UncompressedMessage> {
  return {
    ...endings,
    encode: (payload, text) => ({ payload, binary: !text }),
    push(socket, { payload, binary }) {
      socket.send(payload, { binary }, (error) => error || onSent(payload.length));
      return true;
    },
    queuedBytes: ({ bufferedAmount }) => bufferedAmount,
    countsPayloadsOut: true,
  };
}
