import type { Client, Dispatcher } from "undici";
import type { HttpRequest, RequestChannel, OpenChannels } from "./request-channel.ts";
import { closesEachConnection } from "../http1/request-head.ts";
import { undiciClient, undiciRequest } from "./undici.ts";

/**
 * HTTP/1.1 through undici: two connections, as a browser would use, for what is sent and for what is asked. Where `closesEach` says so, each
 * request has one of its own.
 */
export const openHttp1: OpenChannels = (address, options) => {
  const closes = closesEachConnection(options);
  const [sends, polls] = [1, 2].map(() => undiciClient(address, options, options.handshakeMs)) as [Client, Client];
  return Promise.resolve({
    sends: callerOn(sends, closes),
    asks: callerOn(polls, closes),
    destroy() {
      void sends.destroy();
      void polls.destroy();
    },
  });
};

function callerOn(client: Client, closes: boolean): RequestChannel {
  const request = ({ method, path, headers, body }: HttpRequest, timeoutMs: number): Dispatcher.DispatchOptions => ({
    method,
    path,
    headers: headers ?? {},
    body: body ?? null,
    reset: closes,
    headersTimeout: timeoutMs,
  });
  return {
    call: (call, timeoutMs) => undiciRequest(client, request(call, timeoutMs)),
    read(call, timeoutMs, { head, data, ended }) {
      let given: Dispatcher.DispatchController | undefined;
      client.dispatch(
        { ...request(call, timeoutMs), bodyTimeout: 0 },
        {
          onRequestStart: (controller) => (given = controller),
          onResponseStart: (_controller, status, headers) => head(status, String(headers["content-type"] ?? "")),
          onResponseData: (_controller, chunk) => data(chunk),
          onResponseEnd: () => ended(),
          onResponseError: (_controller, error) => ended(error),
        },
      );
      return () => given?.abort(new Error("given up"));
    },
  };
}
