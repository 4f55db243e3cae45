import { buildConnector, Client, type Dispatcher } from "undici";
import type { Address, Options, Role } from "../../../scenarios/contract.ts";
import { countSocket } from "../../../scenarios/lib/client-bytes.ts";
import { asUnsent } from "./request-channel.ts";
import { tlsOptions, urlOf } from "../net/tls-options.ts";

/** A complete response. `type` is the Content-Type, empty without the header. */
export interface HttpResponse {
  status: number;
  type: string;
  body: Buffer;
}

/**
 * One keep-alive connection with one request at a time. A response may take `handshakeMs` to begin. With a role the bytes
 * of the connection are counted.
 */
export function undiciClient(address: Address, options: Options, role?: Role): Client {
  const { socketPath, localAddress } = address;
  const connect = {
    timeout: options.handshakeMs,
    maxCachedSessions: 0,
    ...(socketPath !== undefined && { socketPath }),
    ...tlsOptions(address),
  };
  return new Client(urlOf("http", address), {
    pipelining: 1,
    ...(localAddress !== undefined && { localAddress }), // the connector takes it from here alone
    connect: role ? countingConnector(connect, address, role) : connect,
    headersTimeout: options.handshakeMs,
    bodyTimeout: options.handshakeMs,
    keepAliveTimeout: options.idleMs,
  });
}

/** undici's own connector, whose connections are counted. */
function countingConnector(
  settings: buildConnector.BuildOptions,
  address: Address,
  role: Role,
): buildConnector.connector {
  const connect = buildConnector(settings);
  return (target, callback) =>
    connect(target, (...result) => {
      const [, socket] = result;
      if (socket) countSocket(socket, address, role);
      callback(...result);
    });
}

/**
 * Sends a request. Resolves to the complete response, whatever its status. Rejects where the connection fails, with an
 * unsent error (`isUnsent`) where it could not be opened.
 */
export function undiciRequest(client: Client, request: Dispatcher.DispatchOptions): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const response: HttpResponse = { status: 0, type: "", body: Buffer.alloc(0) };
    const chunks: Buffer[] = [];
    let hasBegun = false;
    client.dispatch(request, {
      onRequestStart: () => void (hasBegun = true),
      onResponseStart(_controller, status, headers) {
        response.status = status;
        response.type = String(headers["content-type"] ?? "");
      },
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd() {
        response.body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
        resolve(response);
      },
      onResponseError: (_controller, error) => reject(hasBegun ? error : asUnsent(error)),
    });
  });
}
