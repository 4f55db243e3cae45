import { randomBytes } from "node:crypto";

/**
 * Letters of which HPACK's Huffman code needs six bits each (RFC 7541, appendix B): a request then costs the same bytes whichever session
 * it is for.
 */
const letters = "3456789bdfghlmnp";

/** A name that cannot be guessed: 64 random bits in 16 letters. */
export function newSessionId(): string {
  return Array.from(randomBytes(16), (byte) => letters[byte & 15]).join("");
}
