import { connect, constants, type ClientHttp2Session } from "node:http2";
import type { HttpRequest, RequestChannel, OpenChannels, BodyReader } from "./request-channel.ts";
import { dial } from "../net/dial.ts";
import type { HttpResponse } from "./undici.ts";
import { urlOf } from "../net/tls-options.ts";
import { http2Settings, http2WindowBytes } from "../../../servers/protocols/http2-settings.ts";

/**
 * HTTP/2 through `node:http2`, in clear text by prior knowledge or over TLS: one connection for everything. Sends go one after another here too, since
 * HTTP/2 has no order among its streams.
 */
export const openHttp2: OpenChannels = async (address, { handshakeMs }) => {
  const socket = await dial(address, handshakeMs, { alpn: "h2" });
  const session = connect(urlOf("http", address), { createConnection: () => socket, settings: http2Settings });
  session.setLocalWindowSize(http2WindowBytes);
  session.on("error", () => undefined); // every call on it is told
  await begun(session, handshakeMs).catch((error: unknown) => {
    session.destroy();
    throw error;
  });
  return {
    sends: callerOn(session),
    asks: callerOn(session),
    // Not while the library reads: see servers/lib/http/http2.ts.
    destroy: () => void setImmediate(() => session.destroy()),
  };
};

/** Resolves when the server has said its settings; rejects when the connection ends before that, or it takes too long. */
async function begun(session: ClientHttp2Session, handshakeMs: number): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const settled = new Promise<void>((resolve, reject) => {
    late = setTimeout(() => reject(new Error(`the server did not speak HTTP/2 in ${handshakeMs} ms`)), handshakeMs);
    session.once("remoteSettings", () => resolve());
    session.once("error", reject);
    session.once("close", () => reject(new Error("the server closed the connection before it spoke HTTP/2")));
  });
  await settled.finally(() => clearTimeout(late));
}

function callerOn(session: ClientHttp2Session): RequestChannel {
  let last: Promise<unknown> = Promise.resolve();
  return {
    call(call, timeoutMs) {
      const answer = last.then(() => exchange(session, call, timeoutMs));
      last = answer.catch(() => undefined);
      return answer;
    },
    read: (call, timeoutMs, reader) => read(session, call, timeoutMs, reader),
  };
}

function exchange(session: ClientHttp2Session, call: HttpRequest, timeoutMs: number): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const answer: HttpResponse = { status: 0, type: "", body: Buffer.alloc(0) };
    const chunks: Buffer[] = [];
    read(session, call, timeoutMs, {
      head(status, type) {
        answer.status = status;
        answer.type = type;
      },
      data: (chunk) => void chunks.push(chunk),
      ended(error) {
        if (error) return reject(error);
        answer.body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
        resolve(answer);
      },
    });
  });
}

function read(session: ClientHttp2Session, call: HttpRequest, timeoutMs: number, reader: BodyReader): () => void {
  if (session.closed || session.destroyed) {
    reader.ended(new Error("the HTTP/2 connection has ended"));
    return () => undefined;
  }
  const { method, path, headers, body } = call;
  const bodyless = !body || body.length === 0;
  const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: bodyless });
  if (!bodyless) stream.end(body);
  const giveUp = (): void => stream.close(constants.NGHTTP2_CANCEL);
  const late = setTimeout(giveUp, timeoutMs);
  let whole = false;
  let failure: Error | undefined;
  stream.on("response", (answered) => {
    clearTimeout(late);
    reader.head(answered[":status"] ?? 0, answered["content-type"] ?? "");
  });
  stream.on("data", reader.data);
  stream.on("end", () => {
    whole = !stream.closed && !stream.destroyed; // a stream that is given up ends as well
    if (whole) reader.ended();
  });
  stream.on("error", (error) => (failure = error));
  stream.on("close", () => {
    clearTimeout(late);
    if (!whole) reader.ended(failure ?? new Error(`the answer to ${method} ${path} was cut off`));
  });
  return giveUp;
}
