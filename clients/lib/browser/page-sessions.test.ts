import { expect, it } from "vitest";
import { batch, batchMessage } from "../../../servers/protocols/batch.ts";
import { readPoll } from "./page-sessions.ts";

type Message = string | Uint8Array;

/** What a page reads of a response with this body. */
async function read(type: string, body: string | Buffer): Promise<Message[]> {
  const messages: Message[] = [];
  const response = new Response(typeof body === "string" ? body : new Uint8Array(body), {
    headers: { "content-type": type },
  });
  await readPoll(response, (message) => messages.push(message));
  return messages;
}

const texts = ["", "déjà vu 🛰️", "\ufeffmark", '"\\" \u2028\r\n\0'];

it("a page reads the texts and the bytes of every batch", async () => {
  const ofTexts = batch(texts.map((text) => batchMessage(Buffer.from(text), true)));
  expect(await read(ofTexts.type, ofTexts.body)).toEqual(texts);
  const mixed = batch([
    batchMessage(Buffer.from([0, 255, 128]), false),
    ...texts.map((text) => batchMessage(Buffer.from(text), true)),
    batchMessage(Buffer.alloc(0), false),
  ]);
  expect(await read(mixed.type, mixed.body)).toEqual([new Uint8Array([0, 255, 128]), ...texts, new Uint8Array()]);
});

it("a page refuses a batch that ends within a record", async () => {
  const { type, body } = batch([batchMessage(Buffer.from("bytes"), false)]);
  await expect(read(type, (body as Buffer).subarray(0, -1))).rejects.toThrow(RangeError);
  await expect(read(type, (body as Buffer).subarray(0, 3))).rejects.toThrow(RangeError);
});
