import { record, recordHeaderBytes, recordReader } from "./records.ts";

/** The content types of a body with any number of messages, and of a body that is one message. */
export const batchTypes = {
  /** A JSON array of strings: what a batch is when all of its messages are text. */
  textBatch: "application/json; charset=utf-8",
  /** Records one after another: what a batch is when anything in it is binary. */
  mixedBatch: "application/vnd.records",
  text: "text/plain;charset=UTF-8",
  binary: "application/octet-stream",
} as const;

/** A message as it waits to be put into a batch: encoded once, however many batches it goes into. */
export interface BatchMessage {
  payload: Buffer;
  text: boolean;
  /** The payload as a JSON string; empty for binary, which is never put into JSON. */
  json: string;
}

/** Encodes a message for any batch. */
export function batchMessage(payload: Buffer, text: boolean): BatchMessage {
  return { payload, text, json: text ? JSON.stringify(payload.toString()) : "" };
}

/** The body of a response that carries these messages, and its type. */
export function batch(messages: readonly BatchMessage[]): { type: string; body: string | Buffer } {
  if (messages.every((message) => message.text))
    return { type: batchTypes.textBatch, body: `[${messages.map((message) => message.json).join(",")}]` };
  return {
    type: batchTypes.mixedBatch,
    body: Buffer.concat(messages.map(({ payload, text }) => record(payload, text))),
  };
}

/** Puts messages into a batch, once for all who are sent the same ones after another. */
export function batcher(): typeof batch {
  let last: readonly BatchMessage[] = [];
  let made = batch(last);
  return function batchOf(messages) {
    if (messages.length === last.length && messages.every((message, i) => message === last[i])) return made;
    last = [...messages];
    return (made = batch(last));
  };
}

/** Hands on the messages of a body that `batch` made. Throws where the body is not of that type. */
export function readBatch(type: string, body: Buffer, receive: (payload: Buffer, text: boolean) => void): void {
  if (type === batchTypes.textBatch) {
    for (const text of JSON.parse(body.toString()) as string[]) receive(Buffer.from(text), true);
  } else if (type === batchTypes.mixedBatch) {
    let readBytes = 0;
    const count: typeof receive = (payload, text) => {
      readBytes += recordHeaderBytes + payload.length;
      receive(payload, text);
    };
    recordReader(body.length, count, () => undefined)(body);
    if (readBytes !== body.length) throw new RangeError(`a batch of ${body.length} bytes ends within a record`);
  } else throw new Error(`a batch of the unknown type "${type}"`);
}
