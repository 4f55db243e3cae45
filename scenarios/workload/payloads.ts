import { seededRandom } from "../lib/random.ts";
import { stampBytes, writeStamp } from "../lib/message-stamp.ts";

/** Chat messages, short and long, with accents and emoji. JSON escapes no character of them. */
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

/** Chat messages with exactly two characters that JSON escapes. */
const quotingPhrases = [
  'she said "ship it" and left',
  '"done" means tested',
  'see "Known issues"',
  'the log says "timeout" again',
  "C:\\temp\\log.txt is 4 GB now",
];

/**
 * Bytes of text for each phrase with escapes. All texts of one size have the same number of escapes, so every message
 * costs a transport the same and overhead can be compared to the byte.
 */
const bytesPerQuote = 100;

/** Most distinct bodies in a trial: enough that consecutive messages differ. */
const maxVariety = 64;
/** Memory for them in each process, in bytes. */
const bodiesBytes = 64 * 2 ** 20;

/** Number of distinct bodies of this size that each process prepares: 64, and 2 at least. */
export function bodyVariety(payloadBytes: number): number {
  return Math.max(2, Math.min(maxVariety, Math.floor(bodiesBytes / payloadBytes)));
}

/** The payloads of a trial. Senders make them, receivers check every byte. */
export interface Payloads {
  /** A new payload with its stamp. */
  make(sender: number, seq: number, lagUs: number): Buffer;
  /**
   * The same without an allocation: a prepared payload with a new stamp. Valid until the next call of `make` or
   * `stamped`.
   */
  stamped(sender: number, seq: number, lagUs: number): Buffer;
  /** True if kind, length and every byte after the stamp are as they were sent. */
  matches(payload: Buffer, text: boolean, sender: number, seq: number): boolean;
}

/**
 * Payloads of exactly `payloadBytes` bytes, chat text in UTF-8 or random bytes. Every process makes the same from the
 * same seed.
 */
export function createPayloads(payloadBytes: number, kind: "text" | "binary", seed: number): Payloads {
  const next = seededRandom(seed ^ 0x5bd1e995);
  const body = kind === "text" ? chatText : randomBytes;
  const variety = bodyVariety(payloadBytes);
  const prepared = Array.from({ length: variety }, () =>
    Buffer.concat([Buffer.alloc(stampBytes), body(payloadBytes - stampBytes, next)]),
  );
  return payloadsFrom((sender, seq) => prepared[(sender + seq) % variety]!, kind);
}

/**
 * Payloads from buffers prepared for each message, with space for the stamp in front. A stamp is written into the
 * prepared buffer.
 */
export function payloadsFrom(preparedFor: (sender: number, seq: number) => Buffer, kind: "text" | "binary"): Payloads {
  function stamped(sender: number, seq: number, lagUs: number): Buffer {
    const payload = preparedFor(sender, seq);
    writeStamp(payload, sender, seq, lagUs);
    return payload;
  }

  return {
    make: (sender, seq, lagUs) => Buffer.from(stamped(sender, seq, lagUs)),
    stamped,
    matches(payload, text, sender, seq) {
      const sent = preparedFor(sender, seq);
      if (payload.length !== sent.length || text !== (kind === "text")) return false;
      return payload.compare(sent, stampBytes, sent.length, stampBytes) === 0;
    },
  };
}

function chatText(bytes: number, next: () => number): Buffer {
  const pick = (from: readonly string[]): string => ` ${from[Math.floor(next() * from.length)]!}`;
  const phrasesUsed = Array.from({ length: Math.floor(bytes / bytesPerQuote) }, () => pick(quotingPhrases));
  let length = phrasesUsed.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  while (length < bytes) length += Buffer.byteLength(phrasesUsed[phrasesUsed.push(pick(phrases)) - 1]!);
  const last = Array.from(phrasesUsed.pop() ?? "");
  while (length > bytes) length -= Buffer.byteLength(last.pop()!);
  return Buffer.from(phrasesUsed.join("") + last.join("") + ".".repeat(bytes - length));
}

function randomBytes(bytes: number, next: () => number): Buffer {
  const body = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i++) body[i] = Math.floor(next() * 256);
  return body;
}
