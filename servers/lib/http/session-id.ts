import { randomBytes } from "node:crypto";

/**
 * Characters that take six bits each in HPACK's Huffman code (RFC 7541, appendix B). So every session id costs the same
 * bytes.
 */
const characters = "3456789bdfghlmnp";

/** A session id that cannot be guessed: 64 random bits in 16 characters. */
export function newSessionId(): string {
  return Array.from(randomBytes(16), (byte) => characters[byte & 15]).join("");
}
