import { seededRandom } from "../lib/random.ts";
import { stampBytes, writeStamp } from "../lib/message-stamp.ts";

/**
 * What people write in a chat: short and long, with accents and emoji, as they come; nothing that JSON has to escape.
 */
const phrases = [
  "ok",
  "lol",
  "brb 5 min",
  "morning all ☕",
  "who broke the build?",
  "it works on my machine 🤷",
  "can someone review #4211 please",
  "déjà vu, we had that in März",
  "https://example.org/runbook?step=3&x=y",
  "the deploy finished, error rate is back to 0.02 %",
  "no idea, maybe the cache? I'd clear it and look again",
  "great 👍 thanks!",
  "¿a qué hora empezamos mañana?",
  "いいね",
  "I'll be ten minutes late, start without me",
  "+1",
];

/** Phrases with two characters each that JSON has to escape. */
const quoting = [
  'she said "ship it" and left',
  '"done" means tested',
  'see "Known issues"',
  'the log says "timeout" again',
  "C:\\temp\\log.txt is 4 GB now",
];

/**
 * Bytes of text for each quoting phrase. All texts of a size hold the same number of them, so that what a transport
 * pays for escapes is the same in every message and overhead can be compared to the byte.
 */
const bytesPerQuote = 100;

/** Distinct bodies per trial: enough that neighbours differ, few enough to be kept at hand. */
const variety = 64;

/** What the payloads of a trial look like: made by senders, checked byte for byte by receivers. */
export interface Payloads {
  /** A new payload with its stamp. */
  make(sender: number, seq: number, lagUs: number): Buffer;
  /**
   * The same without an allocation: one that was prepared and only gets its stamp. It is good until another message is
   * made.
   */
  stamped(sender: number, seq: number, lagUs: number): Buffer;
  /** Whether everything behind the stamp is as it was sent. */
  matches(payload: Buffer, text: boolean, sender: number, seq: number): boolean;
}

/**
 * Payloads of exactly `payloadBytes` bytes: chat text in UTF-8, or random bytes. The same in every process for the same
 * seed.
 */
export function createPayloads(payloadBytes: number, kind: "text" | "binary", seed: number): Payloads {
  const next = seededRandom(seed ^ 0x5bd1e995);
  const body = kind === "text" ? chatText : randomBytes;
  /** Room for a stamp, and the body. */
  const prepared = Array.from({ length: variety }, () =>
    Buffer.concat([Buffer.alloc(stampBytes), body(payloadBytes - stampBytes, next)]),
  );
  return payloadsFrom((sender, seq) => prepared[(sender + seq) % variety]!, kind);
}

/** Payloads that are each like a prepared one, which has room for a stamp in front and is written to. */
export function payloadsFrom(like: (sender: number, seq: number) => Buffer, kind: "text" | "binary"): Payloads {
  function stamped(sender: number, seq: number, lagUs: number): Buffer {
    const payload = like(sender, seq);
    writeStamp(payload, sender, seq, lagUs);
    return payload;
  }

  return {
    make: (sender, seq, lagUs) => Buffer.from(stamped(sender, seq, lagUs)),
    stamped,
    matches(payload, text, sender, seq) {
      const sent = like(sender, seq);
      if (payload.length !== sent.length || text !== (kind === "text")) return false;
      return payload.compare(sent, stampBytes, sent.length, stampBytes) === 0;
    },
  };
}

function chatText(bytes: number, next: () => number): Buffer {
  const pick = (from: readonly string[]): string => ` ${from[Math.floor(next() * from.length)]!}`;
  const said = Array.from({ length: Math.floor(bytes / bytesPerQuote) }, () => pick(quoting));
  let length = said.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  while (length < bytes) length += Buffer.byteLength(said[said.push(pick(phrases)) - 1]!);
  const last = Array.from(said.pop() ?? "");
  while (length > bytes) length -= Buffer.byteLength(last.pop()!);
  return Buffer.from(said.join("") + last.join("") + ".".repeat(bytes - length));
}

function randomBytes(bytes: number, next: () => number): Buffer {
  const body = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i++) body[i] = Math.floor(next() * 256);
  return body;
}
