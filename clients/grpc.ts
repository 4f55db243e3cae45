import { isIP } from "node:net";
import { Client, credentials, status, type ChannelCredentials } from "@grpc/grpc-js";
import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { countSocket } from "../scenarios/lib/client-bytes.ts";
import {
  decodeTalkMessage,
  encodeTalkMessage,
  joinPath,
  maxTalkOverheadBytes,
} from "../servers/protocols/grpc-message.ts";
import { tlsOptions } from "./lib/net/tls-options.ts";

/**
 * gRPC through `@grpc/grpc-js`: one bidirectional call (see servers/protocols/grpc-message.ts) on a connection that no
 * other client shares.
 */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  const { host, port } = address;
  const { secureContext } = tlsOptions(address);
  return new Promise((resolve, reject) => {
    const credential = secureContext
      ? credentials.createFromSecureContext(secureContext)
      : credentials.createInsecure();
    const client = new Client(`${host}:${port}`, withCountedSockets(credential, address), {
      // gRPC sends the server's name in the handshake, and an IP address is not a name (RFC 6066, section 3).
      ...(secureContext && isIP(host) && { "grpc.ssl_target_name_override": address.tls?.servername ?? "localhost" }),
      "grpc.use_local_subchannel_pool": 1,
      "grpc.enable_http_proxy": 0,
      "grpc.max_receive_message_length": options.maxPayloadBytes + maxTalkOverheadBytes,
    });
    const call = client.makeBidiStreamRequest(joinPath, (bytes: Buffer) => bytes, decodeTalkMessage);
    let state: "connecting" | "open" | "closed" = "connecting";
    const timeout = setTimeout(
      () => finish(new Error(`no response from ${host}:${port} within ${options.handshakeMs} ms`)),
      options.handshakeMs,
    );

    function finish(error?: Error): void {
      if (state === "closed") return;
      const connecting = state === "connecting";
      state = "closed";
      clearTimeout(timeout);
      call.cancel();
      client.close();
      if (connecting) reject(error ?? new Error(`${host}:${port} ended the call`));
      else handler.closed(error);
    }

    call.on("data", ({ payload, text }) => handler.receive(payload, text));
    call.on("error", () => undefined); // the status has the reason
    call.on("status", ({ code, details }) =>
      finish(code === status.OK ? undefined : new Error(`gRPC ended with ${status[code]}: ${details}`)),
    );
    call.once("metadata", () => {
      if (state !== "connecting") return;
      state = "open";
      clearTimeout(timeout);
      resolve({
        send(payload, text) {
          if (call.writable) call.write(encodeTalkMessage(payload, text));
        },
        close: () => call.end(),
      });
    });
  });
}

/**
 * The same credentials, which count the bytes of each connection. They get its TCP socket before TLS; the library hands
 * it to nobody else.
 */
function withCountedSockets(credential: ChannelCredentials, address: Address): ChannelCredentials {
  const create = credential["_createSecureConnector"].bind(credential);
  credential["_createSecureConnector"] = (...settings) => {
    const connector = create(...settings);
    const connectOver = connector.connect.bind(connector);
    connector.connect = (socket) => {
      countSocket(socket, address);
      return connectOver(socket);
    };
    return connector;
  };
  return credential;
}
