import type { Client, Dispatcher } from "undici";
import type { HttpRequest, RequestChannel, OpenChannels } from "./request-channel.ts";
import { connectionPerRequest } from "../http1/request-head.ts";
import { libraryHeaders } from "../net/tls-options.ts";
import { undiciClient, undiciRequest } from "./undici.ts";

/**
 * HTTP/1.1 through undici: two connections, as in a browser, one for sends and one for polls. With the transport option
 * `closes`, each request has a connection of its own.
 */
export const openHttp1: OpenChannels = (address, options) => {
  const reset = connectionPerRequest(options);
  const common = libraryHeaders(address);
  const [sends, polls] = [undiciClient(address, options, "up"), undiciClient(address, options, "down")];
  return Promise.resolve({
    sends: channelOn(sends, reset, common),
    polls: channelOn(polls, reset, common),
    destroy() {
      void sends.destroy();
      void polls.destroy();
    },
  });
};

function channelOn(client: Client, reset: boolean, common: Record<string, string>): RequestChannel {
  const toUndici = ({ method, path, headers, body }: HttpRequest, timeoutMs: number): Dispatcher.DispatchOptions => ({
    method,
    path,
    headers: { ...common, ...headers },
    body: body ?? null,
    reset,
    headersTimeout: timeoutMs,
  });
  return {
    call: (request, timeoutMs) => undiciRequest(client, toUndici(request, timeoutMs)),
    read(request, timeoutMs, { head, data, ended }) {
      let started: Dispatcher.DispatchController | undefined;
      client.dispatch(
        { ...toUndici(request, timeoutMs), bodyTimeout: 0 },
        {
          onRequestStart: (controller) => (started = controller),
          onResponseStart: (_controller, status, headers) => head(status, String(headers["content-type"] ?? "")),
          onResponseData: (_controller, chunk) => data(chunk),
          onResponseEnd: () => ended(),
          onResponseError: (_controller, error) => ended(error),
        },
      );
      return () => started?.abort(new Error("the client aborted the request"));
    },
  };
}
