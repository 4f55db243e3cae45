import { createParser } from "eventsource-parser";
import type { Address, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import type { SseApi } from "../../../scenarios/lib/dialect.ts";
import { fillTemplate } from "../../../scenarios/lib/template.ts";
import { openHttp1 } from "../library-http/http1-channel.ts";
import { callApi } from "./http-api.ts";

/** A client of an API with server-sent events in one response, and requests of its own for what a client says. */
export async function connectSseApi(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  { path, event, send }: SseApi,
): Promise<Connection> {
  const values = address.values ?? {};
  const channels = await openHttp1(address, options);
  let state: "opening" | "open" | "closed" = "opening";
  let sending: Promise<unknown> = Promise.resolve();

  function finish(error?: Error): void {
    if (state === "open") handler.closed(error);
    state = "closed";
    channels.destroy();
  }

  const parser = createParser({
    onEvent: ({ event: name = "message", data }) => name === event && handler.receive(Buffer.from(data), true),
  });
  const decoder = new TextDecoder();
  const request = {
    method: "GET",
    path: fillTemplate(path, values, false),
    headers: { accept: "text/event-stream" },
  } as const;
  await new Promise<void>((resolve, reject) => {
    channels.polls.read(request, options.handshakeMs, {
      head(status, type) {
        if (status === 200 && type.startsWith("text/event-stream")) {
          state = "open";
          return resolve();
        }
        reject(new Error(`GET ${path} was answered ${status} with the type "${type}" instead of text/event-stream`));
        finish();
      },
      data: (chunk) => parser.feed(decoder.decode(chunk, { stream: true })),
      ended(error) {
        reject(error ?? new Error("the server ended the stream"));
        finish(error ?? new Error("the server ended the stream"));
      },
    });
  });
  return {
    send(payload) {
      if (state !== "open") return;
      const body = Buffer.from(payload); // the request may wait for the one before
      sending = callApi(channels.sends, send, values, options, body).catch((error: Error) => finish(error));
    },
    close: () => void sending.then(() => finish()),
  };
}
