import { createParser } from "eventsource-parser";
import { eventTypes, readEvent } from "../../../servers/protocols/sse.ts";
import type { Kind } from "./stream-client.ts";

/** Bytes of an event around a payload's, which base64 makes a third longer and JSON's escapes at most six times as long. */
const largest = (payloadBytes: number): number => 6 * payloadBytes + 1024;

/**
 * Server-sent events through `eventsource-parser`. It is given one character per byte: what it parses is ASCII, and so payloads come out as
 * they went in, wherever the stream is cut.
 */
export const events: Kind = {
  path: "/events",
  type: "text/event-stream",
  reader(telling, maxPayloadBytes) {
    const parser = createParser({
      maxBufferSize: largest(maxPayloadBytes),
      onEvent({ id, event, data }) {
        if (event === eventTypes.close) return telling.goodbye();
        if (!readEvent(event, data, telling.message)) throw new Error(`an event of the unknown type "${event}"`);
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
