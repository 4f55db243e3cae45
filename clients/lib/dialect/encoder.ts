import { fillTemplate, placeholdersIn, splitAt, type PlaceholderValues } from "../../../scenarios/lib/template.ts";
import { createBufferView, type BufferView } from "../net/buffer-views.ts";
import { jsonStringBytes, writeJsonString } from "../polling/json-string.ts";

/** Bytes of the messages that this process sends, written one at a time. */
let scratch: BufferView = createBufferView(Buffer.allocUnsafeSlow(64 * 1024));

/**
 * A function that writes a payload into a template. Its result is valid until the next call. It allocates nothing
 * unless the template has `{{seq}}`.
 */
export function encoderOf(
  say: string,
  json: boolean,
  values: PlaceholderValues,
): (payload: Buffer, seq: number) => Buffer {
  const [before, after] = splitAt(say, "text") ?? [say, ""];
  const partOf = (part: string, seq: number): Buffer =>
    Buffer.from(fillTemplate(part, { ...values, seq: String(seq) }, json));
  const counts = placeholdersIn(before).includes("seq");
  let front = partOf(before, 0);
  const back = partOf(after, 0);
  return function encode(payload, seq) {
    if (counts) front = partOf(before, seq);
    const textBytes = json ? jsonStringBytes(payload) - 2 : payload.length;
    const length = front.length + textBytes + back.length;
    if (length > scratch.bytes.length) scratch = createBufferView(Buffer.allocUnsafeSlow(2 * length));
    const { bytes } = scratch;
    // The quotes of the JSON string are overwritten by what surrounds it.
    if (json) writeJsonString(bytes, front.length - 1, payload, textBytes + 2);
    else payload.copy(bytes, front.length);
    front.copy(bytes);
    back.copy(bytes, front.length + textBytes);
    return scratch.view(0, length);
  };
}
