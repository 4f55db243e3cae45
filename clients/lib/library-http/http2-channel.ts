import { connect, constants, type ClientHttp2Session } from "node:http2";
import type { HttpRequest, RequestChannel, OpenChannels, BodyReader } from "./request-channel.ts";
import { dial } from "../net/dial.ts";
import type { HttpResponse } from "./undici.ts";
import { urlOf } from "../net/tls-options.ts";
import { http2Settings, http2WindowBytes } from "../../../servers/protocols/http2-settings.ts";

/**
 * HTTP/2 through `node:http2`, over TLS or in clear text with prior knowledge: one connection for everything. Sends go
 * one after another here too, since HTTP/2 does not order its streams.
 */
export const openHttp2: OpenChannels = async (address, { handshakeMs }) => {
  const socket = await dial(address, handshakeMs, { alpn: "h2" });
  const session = connect(urlOf("http", address), { createConnection: () => socket, settings: http2Settings });
  session.setLocalWindowSize(http2WindowBytes);
  session.on("error", () => undefined); // each stream of the session gets the error
  await receiveSettings(session, handshakeMs).catch((error: unknown) => {
    session.destroy();
    throw error;
  });
  return {
    sends: channelOn(session),
    polls: channelOn(session),
    // Not while the library reads: see servers/lib/http/http2.ts.
    destroy: () => void setImmediate(() => session.destroy()),
  };
};

/** Resolves at the server's SETTINGS frame. Rejects where the connection ends before it, or after `handshakeMs`. */
async function receiveSettings(session: ClientHttp2Session, handshakeMs: number): Promise<void> {
  let timeout: NodeJS.Timeout | undefined;
  const received = new Promise<void>((resolve, reject) => {
    timeout = setTimeout(() => reject(new Error(`no HTTP/2 settings within ${handshakeMs} ms`)), handshakeMs);
    session.once("remoteSettings", () => resolve());
    session.once("error", reject);
    session.once("close", () => reject(new Error("the server closed the connection before its HTTP/2 settings")));
  });
  await received.finally(() => clearTimeout(timeout));
}

function channelOn(session: ClientHttp2Session): RequestChannel {
  let last: Promise<unknown> = Promise.resolve();
  return {
    call(request, timeoutMs) {
      const response = last.then(() => readResponse(session, request, timeoutMs));
      last = response.catch(() => undefined);
      return response;
    },
    read: (request, timeoutMs, reader) => readBody(session, request, timeoutMs, reader),
  };
}

function readResponse(session: ClientHttp2Session, request: HttpRequest, timeoutMs: number): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const response: HttpResponse = { status: 0, type: "", body: Buffer.alloc(0) };
    const chunks: Buffer[] = [];
    readBody(session, request, timeoutMs, {
      head(status, type) {
        response.status = status;
        response.type = type;
      },
      data: (chunk) => void chunks.push(chunk),
      ended(error) {
        if (error) return reject(error);
        response.body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
        resolve(response);
      },
    });
  });
}

function readBody(
  session: ClientHttp2Session,
  request: HttpRequest,
  timeoutMs: number,
  reader: BodyReader,
): () => void {
  if (session.closed || session.destroyed) {
    reader.ended(new Error("the HTTP/2 connection has ended"));
    return () => undefined;
  }
  const { method, path, headers, body } = request;
  const bodiless = !body || body.length === 0;
  const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: bodiless });
  if (!bodiless) stream.end(body);
  const abort = (): void => stream.close(constants.NGHTTP2_CANCEL);
  const expire = (): void => {
    failure = new Error(`no response within ${timeoutMs} ms`);
    abort();
  };
  const timeout = setTimeout(expire, timeoutMs);
  let complete = false;
  let failure: Error | undefined;
  stream.on("response", (responseHeaders) => {
    clearTimeout(timeout);
    reader.head(responseHeaders[":status"] ?? 0, responseHeaders["content-type"] ?? "");
  });
  stream.on("data", reader.data);
  stream.on("end", () => {
    complete = !stream.closed && !stream.destroyed; // an aborted stream emits "end" as well
    if (complete) reader.ended();
  });
  stream.on("error", (error) => (failure = error));
  stream.on("close", () => {
    clearTimeout(timeout);
    if (!complete) reader.ended(failure ?? new Error(`the response to ${method} ${path} was cut off`));
  });
  return abort;
}
