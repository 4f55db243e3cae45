import { createParser } from "eventsource-parser";
import { sseEventTypes, readSseEvent } from "../../../servers/protocols/sse.ts";
import type { StreamKind } from "./stream-client.ts";

/** Bytes of an event around a payload's, which base64 makes a third longer and JSON's escapes at most six times as long. */
const largest = (payloadBytes: number): number => 6 * payloadBytes + 1024;

/**
 * Server-sent events through `eventsource-parser`. It is given one character per byte: what it parses is ASCII, and so payloads come out as
 * they went in, wherever the stream is cut.
 */
export const sseStream: StreamKind = {
  path: "/events",
  type: "text/event-stream",
  reader(telling, maxPayloadBytes) {
    const parser = createParser({
      maxBufferSize: largest(maxPayloadBytes),
      onEvent({ id, event, data }) {
        if (event === sseEventTypes.close) return telling.goodbye();
        if (!readSseEvent(event, data, telling.message)) throw new Error(`an event of the unknown type "${event}"`);
        if (id !== undefined) telling.id(id);
      },
      onRetry: telling.retry,
      onError(error) {
        throw error;
      },
    });
    return (chunk) => parser.feed(chunk.toString("latin1"));
  },
};
