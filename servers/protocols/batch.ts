import { record, recordHeaderBytes, recordReader } from "./records.ts";

/** Content types: of a body with any number of messages, and of a body that is one message. */
export const batchTypes = {
  /** A JSON array of strings: a batch in which all messages are text. */
  textBatch: "application/json; charset=utf-8",
  /** Records one after another: a batch in which a message is binary. */
  mixedBatch: "application/vnd.records",
  text: "text/plain;charset=UTF-8",
  binary: "application/octet-stream",
} as const;

/** A message that is encoded once, for any number of batches. */
export interface BatchMessage {
  payload: Buffer;
  text: boolean;
  /** The payload as a JSON string; empty for binary, which is never sent as JSON. */
  json: string;
}

/** Encodes a message for any batch. */
export function batchMessage(payload: Buffer, text: boolean): BatchMessage {
  return { payload, text, json: text ? JSON.stringify(payload.toString()) : "" };
}

/** Makes the body of a response with these messages, and its content type. */
export function batch(messages: readonly BatchMessage[]): { type: string; body: string | Buffer } {
  if (messages.every((message) => message.text))
    return { type: batchTypes.textBatch, body: `[${messages.map((message) => message.json).join(",")}]` };
  return {
    type: batchTypes.mixedBatch,
    body: Buffer.concat(messages.map(({ payload, text }) => record(payload, text))),
  };
}

/**
 * Returns a `batch` that remembers its last result. Clients that are sent the same messages one after another share one
 * batch.
 */
export function batcher(): typeof batch {
  let lastMessages: readonly BatchMessage[] = [];
  let lastBatch = batch(lastMessages);
  return function batchOf(messages) {
    if (messages.length === lastMessages.length && messages.every((message, i) => message === lastMessages[i]))
      return lastBatch;
    lastMessages = [...messages];
    return (lastBatch = batch(lastMessages));
  };
}

/** Calls `receive` with each message of a body that `batch` made. Throws where the body is not of that type. */
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
