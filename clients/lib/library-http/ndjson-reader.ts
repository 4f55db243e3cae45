import { ndjsonFormat, ndjsonReader } from "../../../servers/protocols/ndjson.ts";
import type { StreamKind } from "./stream-client.ts";

/** Newline-delimited JSON. JSON's escapes make a payload at most six times as long. */
export const ndjsonStream: StreamKind = {
  path: ndjsonFormat.path,
  type: ndjsonFormat.contentType,
  reader: (telling, maxPayloadBytes) => ndjsonReader(6 * maxPayloadBytes + 1024, telling.message),
  endsWithBody: true,
};
