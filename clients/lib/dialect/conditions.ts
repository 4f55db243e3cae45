import type { Condition } from "../../../scenarios/lib/dialect.ts";

/** A message with its text and its JSON, which are read when they are needed. */
export class MessageView {
  private readonly bytes: Buffer;
  /** Where the JSON begins; -1 where the message has none. */
  private readonly jsonAt: number;
  private decoded: string | undefined;
  private parsed: { json: unknown } | undefined;

  constructor(bytes: Buffer, jsonAt = 0) {
    this.bytes = bytes;
    this.jsonAt = jsonAt;
  }

  get text(): string {
    return (this.decoded ??= this.bytes.toString());
  }

  /** Undefined where the message is not JSON. */
  get json(): unknown {
    return (this.parsed ??= { json: this.jsonAt < 0 ? undefined : parse(this.bytes.toString("utf8", this.jsonAt)) })
      .json;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The value at a place in JSON, such as "data.items.0"; undefined where there is none. */
export function valueAt(json: unknown, path: string): unknown {
  let value = json;
  for (const key of path === "" ? [] : path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** True if a message meets a condition. All parts of the condition must hold. */
export function meets(message: MessageView, condition: Condition): boolean {
  const { path, is, equals, starts, contains, matches } = condition;
  if (path !== undefined) {
    const value = valueAt(message.json, path);
    if (value === undefined || (is && !is.some((each) => each === value))) return false;
  }
  return (
    (equals === undefined || message.text === equals) &&
    (starts === undefined || message.text.startsWith(starts)) &&
    (contains === undefined || message.text.includes(contains)) &&
    (matches === undefined || new RegExp(matches, "su").test(message.text))
  );
}

/** A condition in words: `type is "joined"`. */
export function conditionText({ path, is, equals, starts, contains, matches }: Condition): string {
  const parts = [
    path !== undefined &&
      (is ? `${path} is ${is.map((each) => JSON.stringify(each)).join(" or ")}` : `JSON with ${path}`),
    equals !== undefined && `exactly ${JSON.stringify(equals)}`,
    starts !== undefined && `a text that starts with ${JSON.stringify(starts)}`,
    contains !== undefined && `a text with ${JSON.stringify(contains)}`,
    matches !== undefined && `a text that matches /${matches}/`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(" and ") : "anything";
}

/** A message in words: `34 bytes of JSON: {"type":"welcome"}`. Long ones are cut. */
export function messageText(bytes: Buffer, longest = 200): string {
  const view = new MessageView(bytes);
  const kind = typeof view.json === "object" && view.json !== null ? " of JSON" : "";
  const shown = view.text.length > longest ? `${view.text.slice(0, longest)}...` : view.text;
  return `${bytes.length} bytes${kind}: ${/[\p{Cc}\ufffd]/u.test(shown) ? JSON.stringify(shown) : shown}`;
}
