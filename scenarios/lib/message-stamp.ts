/** Length of the stamp at the front of every payload, which identifies the message. It is also the smallest payload. */
export const stampBytes = 16;

const senderDigits = 5;
const seqDigits = 5;
const lagDigits = 6;

/** The content of a stamp. */
export interface Stamp {
  sender: number;
  seq: number;
  /** Time from the due time to the call of `send`, in microseconds. */
  lagUs: number;
}

const digits = "0123456789abcdefghijklmnopqrstuvwxyz";
const codes = Uint8Array.from(digits, (digit) => digit.charCodeAt(0));
const values = new Int8Array(256).fill(-1);
for (const [value, code] of codes.entries()) values[code] = value;

/** Writes a stamp as 16 ASCII characters in base 36: 5 for the sender, 5 for the sequence number, 6 for the lag. */
export function writeStamp(payload: Buffer, sender: number, seq: number, lagUs: number): void {
  writeNumber(payload, 0, senderDigits, sender);
  writeNumber(payload, senderDigits, seqDigits, seq);
  writeNumber(payload, senderDigits + seqDigits, lagDigits, lagUs);
}

/** Reads a payload's stamp into `into`. Returns false if the payload has none. Allocates nothing. */
export function readStamp(payload: Buffer, into: Stamp): boolean {
  if (payload.length < stampBytes) return false;
  into.sender = readNumber(payload, 0, senderDigits);
  into.seq = readNumber(payload, senderDigits, seqDigits);
  into.lagUs = readNumber(payload, senderDigits + seqDigits, lagDigits);
  return into.sender >= 0 && into.seq >= 0 && into.lagUs >= 0;
}

function writeNumber(payload: Buffer, at: number, width: number, number: number): void {
  // Every value fits into an unsigned 32-bit integer, for which the compiler makes a division by 36 a multiplication.
  for (let i = at + width - 1, rest = number >>> 0; i >= at; i--) {
    payload[i] = codes[rest % 36]!;
    rest = (rest / 36) >>> 0;
  }
}

function readNumber(payload: Buffer, at: number, width: number): number {
  let number = 0;
  for (let i = at; i < at + width; i++) {
    const value = values[payload[i]!]!;
    if (value < 0) return -1;
    number = number * 36 + value;
  }
  return number;
}
