import { ndjsonFormat, ndjsonReader } from "../../../servers/protocols/ndjson.ts";
import type { ClientStreamFormat } from "./stream-client.ts";

/** Newline-delimited JSON. JSON's escapes make a payload at most six times as long. */
export const ndjsonStream: ClientStreamFormat = {
  path: ndjsonFormat.path,
  type: ndjsonFormat.contentType,
  reader: (events, maxPayloadBytes) =>
    ndjsonReader(6 * maxPayloadBytes + 1024, (payload, text) => events.message(payload, text)),
  endsWithBody: true,
};
