import { createParser } from "eventsource-parser";
import { sseEventTypes, readSseEvent } from "../../../servers/protocols/sse.ts";
import type { ClientStreamFormat } from "./stream-client.ts";

/** Longest event: base64 makes a payload a third longer, JSON's escapes at most six times as long. */
const maxEventBytes = (maxPayloadBytes: number): number => 6 * maxPayloadBytes + 1024;

/**
 * Server-sent events through `eventsource-parser`. The parser gets one character per byte. Its syntax is ASCII, so the
 * bytes of a payload pass unchanged, wherever the stream is cut.
 */
export const sseStream: ClientStreamFormat = {
  path: "/events",
  type: "text/event-stream",
  reader(events, maxPayloadBytes) {
    const receive = (payload: Buffer, text: boolean): void => events.message(payload, text);
    const parser = createParser({
      maxBufferSize: maxEventBytes(maxPayloadBytes),
      onEvent({ id, event, data }) {
        if (event === sseEventTypes.close) return events.closed();
        if (!readSseEvent(event, data, receive)) throw new Error(`an event of the unknown type "${event}"`);
        if (id !== undefined) events.id(id);
      },
      onRetry: (ms) => events.retry(ms),
      onError(error) {
        throw error;
      },
    });
    return (chunk) => parser.feed(chunk.toString("latin1"));
  },
};
