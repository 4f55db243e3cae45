import { readStamp, stampBytes, type Stamp } from "../../../scenarios/lib/message-stamp.ts";
import type { BufferView } from "../net/buffer-views.ts";
import { readJsonString } from "../polling/json-string.ts";
import { meets, MessageView, valueAt } from "./conditions.ts";
import type { Speech } from "./speech.ts";

/** Receiver of what a message says. */
export interface MessageListener {
  /** The text of a payload, during the call only. */
  payload(text: Buffer): void;
  /** The message is to be answered with this text. */
  answer(reply: string): void;
  /** The message is none that the dialect knows. */
  unknown(message: Buffer): void;
}

/** What surrounds the text of a payload in a message that was understood. */
interface Shape {
  before: Buffer;
  after: Buffer;
}

/** After so many shapes that no message had again, a server seems to write something new around every text. */
const maxLearnedInVain = 16;
const quote = 0x22;
const stamp: Stamp = { sender: 0, seq: 0, lagUs: 0 };

/**
 * Reads the messages of a server by a dialect. A message that is, but for its text, byte for byte like one that was
 * understood before is not parsed again: servers write the same JSON around every text. Any other is parsed.
 */
export class MessageReader {
  private readonly speech: Speech;
  private readonly listener: MessageListener;
  private readonly jsonAfter: Buffer;
  /** Values of these places are looked up among the answers. */
  private readonly answerPaths: readonly string[];
  private readonly answers: boolean;
  private shape: Shape | undefined;
  /** Shapes that were learned since one was met again. */
  private learnedInVain = 0;
  private view: BufferView = { bytes: Buffer.alloc(0), view: (start, end) => this.view.bytes.subarray(start, end) };

  constructor(speech: Speech, listener: MessageListener) {
    this.speech = speech;
    this.listener = listener;
    this.jsonAfter = Buffer.from(speech.jsonAfter);
    this.answers = Object.keys(speech.answer).length > 0;
    this.answerPaths = speech.ignore.flatMap(({ path }) => path ?? []);
  }

  read(message: Buffer): void {
    const known = this.shape && this.insideShape(message, this.shape);
    if (!known) return this.interpret(message);
    this.learnedInVain = 0;
    this.listener.payload(known);
  }

  /** The text of a message of this shape; undefined for another message. */
  private insideShape(message: Buffer, { before, after }: Shape): Buffer | undefined {
    const end = message.length - after.length;
    if (end < before.length + stampBytes) return undefined;
    if (message.compare(before, 0, before.length, 0, before.length) !== 0) return undefined;
    if (message.compare(after, 0, after.length, end) !== 0) return undefined;
    this.view.bytes = message;
    return readJsonString(this.view, before.length, end);
  }

  private interpret(message: Buffer): void {
    const { speech, listener } = this;
    const view = new MessageView(message, this.jsonAt(message));
    const reply = this.answerTo(view);
    if (reply !== undefined) return listener.answer(reply);
    if (speech.ignore.some((condition) => meets(view, condition))) return;
    const text = !speech.where || meets(view, speech.where) ? this.textIn(message, view) : undefined;
    if (text === undefined) return listener.unknown(message);
    listener.payload(text);
  }

  /** Where the JSON of a message begins; -1 where it has none that is to be heard. */
  jsonAt(message: Buffer): number {
    const { length } = this.jsonAfter;
    if (length === 0) return 0;
    if (message.length < length || message.compare(this.jsonAfter, 0, length, 0, length) !== 0) return -1;
    let at = length;
    while (message[at]! >= 0x30 && message[at]! <= 0x39) at++; // the number of an acknowledgement
    return at;
  }

  /** The reply that a message asks for. Undefined where it asks for none. */
  answerTo(view: MessageView): string | undefined {
    const { answer } = this.speech;
    if (!this.answers) return undefined;
    if (Object.hasOwn(answer, view.text)) return answer[view.text];
    const values = this.answerPaths.map((path) => valueAt(view.json, path));
    const found = values.find((value) => typeof value === "string" && Object.hasOwn(answer, value));
    return found === undefined ? undefined : answer[found as string];
  }

  private textIn(message: Buffer, view: MessageView): Buffer | undefined {
    const { hear } = this.speech;
    if (hear === "whole") return message;
    if ("path" in hear) return this.textInJson(message, view, hear.path);
    const [before, after] = "after" in hear ? [hear.after, ""] : hear.between;
    const at = message.indexOf(before);
    if (at < 0) return undefined;
    const start = at + Buffer.byteLength(before);
    const end = after === "" ? message.length : message.indexOf(after, start);
    return end < 0 ? undefined : message.subarray(start, end);
  }

  private textInJson(message: Buffer, view: MessageView, path: string): Buffer | undefined {
    const value = valueAt(view.json, path);
    if (typeof value !== "string") return undefined;
    const text = Buffer.from(value);
    if (this.learnedInVain < maxLearnedInVain && readStamp(text, stamp)) this.learnShape(message, text);
    return text;
  }

  /** Remembers what surrounds a text whose stamp occurs once in its message. */
  private learnShape(message: Buffer, text: Buffer): void {
    const start = message.indexOf(text.subarray(0, stampBytes));
    if (message[start - 1] !== quote || message.indexOf(text.subarray(0, stampBytes), start + 1) >= 0) return;
    const end = endOfString(message, start);
    const shape = { before: Buffer.from(message.subarray(0, start)), after: Buffer.from(message.subarray(end)) };
    if (!this.insideShape(message, shape)?.equals(text)) return;
    this.shape = shape;
    this.learnedInVain++;
  }
}

/** The place of the quote that ends a JSON string. */
function endOfString(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === 0x5c ? 2 : 1;
  return at;
}
