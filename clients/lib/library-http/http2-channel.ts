import { constants, type ClientHttp2Session } from "node:http2";
import type { HttpResponse } from "./undici.ts";
import { Http2Connection, openHttp2Session } from "./http2-connection.ts";
import {
  asUnsent,
  type BodyReader,
  type HttpRequest,
  type OpenChannels,
  type RequestChannel,
} from "./request-channel.ts";

/**
 * HTTP/2 through `node:http2`, over TLS or in clear text with prior knowledge: one connection for everything. Sends go
 * one after another here too, since HTTP/2 does not order its streams. With `Options.reconnect` the first request after
 * the end of the connection opens another one, as in a browser.
 */
export const openHttp2: OpenChannels = async (address, options) => {
  const connection = new Http2Connection(address, options, await openHttp2Session(address, options));
  return {
    sends: channelOn(connection),
    polls: channelOn(connection),
    destroy: () => connection.destroy(),
  };
};

function channelOn(connection: Http2Connection): RequestChannel {
  let last: Promise<unknown> = Promise.resolve();
  return {
    call(request, timeoutMs) {
      const response = last.then(() => readResponse(connection, request, timeoutMs));
      last = response.catch(() => undefined);
      return response;
    },
    read: (request, timeoutMs, reader) => readBody(connection, request, timeoutMs, reader),
  };
}

function readResponse(connection: Http2Connection, request: HttpRequest, timeoutMs: number): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const response: HttpResponse = { status: 0, type: "", body: Buffer.alloc(0) };
    const chunks: Buffer[] = [];
    readBody(connection, request, timeoutMs, {
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
  connection: Http2Connection,
  request: HttpRequest,
  timeoutMs: number,
  reader: BodyReader,
): () => void {
  const session = connection.current;
  if (session) return makeRequest(connection, session, request, timeoutMs, reader);
  if (connection.isFollowed) return makeRequestOnNext(connection, request, timeoutMs, reader);
  reader.ended(new Error("the HTTP/2 connection has ended"));
  return () => undefined;
}

/** Makes a request on the next connection. Nothing of it has left where that cannot be opened. */
function makeRequestOnNext(
  connection: Http2Connection,
  request: HttpRequest,
  timeoutMs: number,
  reader: BodyReader,
): () => void {
  let waits = true;
  let abortRequest = (): void => undefined;
  const end = (error: Error): void => {
    if (!waits) return;
    waits = false;
    reader.ended(asUnsent(error));
  };
  const begin = (session: ClientHttp2Session): void => {
    if (!waits) return;
    waits = false;
    abortRequest = makeRequest(connection, session, request, timeoutMs, reader);
  };
  void connection.openNext().then(begin, end);
  return () => {
    end(new Error("the client aborted the request"));
    abortRequest();
  };
}

function makeRequest(
  connection: Http2Connection,
  session: ClientHttp2Session,
  request: HttpRequest,
  timeoutMs: number,
  reader: BodyReader,
): () => void {
  const { method, path, headers, body } = request;
  const bodiless = !body || body.length === 0;
  const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: bodiless });
  if (!bodiless) stream.end(body);
  const abort = (): void => stream.close(constants.NGHTTP2_CANCEL);
  const expire = (): void => {
    failure = new Error(`no response within ${timeoutMs} ms`);
    abort();
    connection.giveUp(session);
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
