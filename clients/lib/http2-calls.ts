import { once } from "node:events";
import { connect, constants, type ClientHttp2Session } from "node:http2";
import { settings, windowBytes } from "../../servers/lib/http2.ts";
import type { Call, Caller, OpenLines, Reader } from "./calls.ts";
import { dial } from "./dial.ts";
import type { Answer } from "./http.ts";
import { urlOf } from "./trust.ts";

/**
 * HTTP/2 through `node:http2`, in clear text by prior knowledge or over TLS: one connection for everything. Sends go one after another here too, since
 * HTTP/2 has no order among its streams.
 */
export const openHttp2: OpenLines = async (address, { handshakeMs }) => {
  const socket = await dial(address, handshakeMs, { alpn: "h2" });
  const session = connect(urlOf("http", address), { createConnection: () => socket, settings });
  session.setLocalWindowSize(windowBytes);
  try {
    await once(session, "remoteSettings", { signal: AbortSignal.timeout(handshakeMs) });
  } catch (cause) {
    session.destroy();
    throw new Error(`no HTTP/2 from ${address.host}:${address.port} in ${handshakeMs} ms`, { cause });
  }
  session.on("error", () => undefined); // every call on it is told
  return {
    sends: callerOn(session),
    asks: callerOn(session),
    // Not while the library reads: see servers/lib/http2.ts.
    destroy: () => void setImmediate(() => session.destroy()),
  };
};

function callerOn(session: ClientHttp2Session): Caller {
  let last: Promise<unknown> = Promise.resolve();
  return {
    call(call, patienceMs) {
      const answer = last.then(() => exchange(session, call, patienceMs));
      last = answer.catch(() => undefined);
      return answer;
    },
    read: (call, patienceMs, reader) => read(session, call, patienceMs, reader),
  };
}

function exchange(session: ClientHttp2Session, call: Call, patienceMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer: Answer = { status: 0, type: "", body: Buffer.alloc(0) };
    const chunks: Buffer[] = [];
    read(session, call, patienceMs, {
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

function read(session: ClientHttp2Session, call: Call, patienceMs: number, reader: Reader): () => void {
  if (session.closed || session.destroyed) {
    reader.ended(new Error("the HTTP/2 connection has ended"));
    return () => undefined;
  }
  const { method, path, headers, body } = call;
  const bodyless = !body || body.length === 0;
  const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: bodyless });
  if (!bodyless) stream.end(body);
  const giveUp = (): void => stream.close(constants.NGHTTP2_CANCEL);
  const late = setTimeout(giveUp, patienceMs);
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
