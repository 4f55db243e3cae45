import { jsonLines, lineReader } from "../../../servers/protocols/ndjson.ts";
import type { Kind } from "./stream-client.ts";

/** Newline-delimited JSON. JSON's escapes make a payload at most six times as long. */
export const lines: Kind = {
  path: jsonLines.path,
  type: jsonLines.type,
  reader: (telling, maxPayloadBytes) => lineReader(6 * maxPayloadBytes + 1024, telling.message),
  endsWithBody: true,
};
