import { WebSocket, type RawData } from "ws";
import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { countSocket } from "../scenarios/lib/client-bytes.ts";
import { closingError } from "./lib/websocket/closing-error.ts";
import { libraryHeaders, tlsOptions, urlOf } from "./lib/net/tls-options.ts";

/**
 * Raw WebSocket through `ws`: one masked frame per message. Transport option `deflate`: whether it offers
 * permessage-deflate.
 */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  const deflate = options.transportOptions["deflate"] === true;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${urlOf("ws", address)}${address.path ?? "/"}`, address.subprotocol?.split(","), {
      ...tlsOptions(address),
      ...(address.localAddress !== undefined && { localAddress: address.localAddress }),
      headers: libraryHeaders(address),
      perMessageDeflate: deflate,
      handshakeTimeout: options.handshakeMs,
      maxPayload: options.maxPayloadBytes,
    });
    let failure: Error | undefined;
    let closing = false;
    socket.on("error", (error) => (failure = error));
    socket.once("upgrade", (response) => countSocket(response.socket, address));
    socket.once("close", () => reject(failure));
    socket.on("message", (data: RawData, isBinary) => handler.receive(data as Buffer, !isBinary));
    socket.once("open", () => {
      if (deflate && socket.extensions === "") {
        failure = new Error("the server did not accept permessage-deflate");
        return socket.terminate();
      }
      socket.removeAllListeners("close");
      socket.once("close", (code, reason) =>
        handler.closed(failure ?? brokenError(code) ?? (closing ? undefined : closingError(code, reason))),
      );
      resolve({
        send: (payload, text) => {
          // A copy, since zlib reads the payload later, in another thread.
          if (socket.readyState === WebSocket.OPEN)
            socket.send(deflate ? Buffer.from(payload) : payload, { binary: !text });
        },
        close: () => {
          closing = true;
          socket.close(1000);
        },
      });
    });
  });
}

/** An error for the code 1006, which `ws` reports where the connection broke without a close frame. */
function brokenError(code: number): Error | undefined {
  return code === 1006 ? new Error("the WebSocket broke without a close frame (1006)") : undefined;
}
