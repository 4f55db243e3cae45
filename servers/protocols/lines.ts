import type { Framing } from "./framing.ts";

/*
 * Messages as lines, each ended by LF, so that whoever types at telnet or nc is a client:
 *
 *     PAYLOAD LF              a text, as it is. A CR in front of the LF is the line end's, as telnet sends it.
 *     DLE "t" ESCAPED LF      a text that a plain line cannot be: it holds an LF, ends with CR or begins with DLE (0x10).
 *     DLE "b" ESCAPED LF      binary.
 *
 * In what is escaped, `\n` stands for LF, `\r` for CR and `\\` for a backslash; nothing else may follow a backslash. So an ordinary text
 * costs 1 byte, and any other message 3 and 1 for each byte escaped: of random bytes, one in 85.
 */
const [lf, cr, dle] = [0x0a, 0x0d, 0x10];

const escapes: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\\": "\\\\" };
const escaped = Object.fromEntries(Object.entries(escapes).map(([byte, escape]) => [escape, byte]));
const kinds: Record<string, boolean> = { t: true, b: false };

/** One message as a line. */
function line(payload: Buffer, text: boolean): Buffer {
  const plain = text && payload[0] !== dle && payload.at(-1) !== cr && !payload.includes(lf);
  if (plain) {
    const bytes = Buffer.allocUnsafe(payload.length + 1);
    payload.copy(bytes);
    bytes[payload.length] = lf;
    return bytes;
  }
  const body = payload.toString("latin1").replaceAll(/[\n\r\\]/g, (byte) => escapes[byte]!);
  return Buffer.from(`\x10${text ? "t" : "b"}${body}\n`, "latin1");
}

/** What a line says, without its end; an error where an escaped one is none of ours. */
function readLine(bytes: Buffer): { payload: Buffer; text: boolean } | Error {
  if (bytes[0] !== dle) return { payload: bytes, text: true };
  const [kind, body] = [bytes.toString("latin1", 1, 2), bytes.toString("latin1", 2)];
  const text = kinds[kind];
  if (text === undefined) return new Error(`an escaped line is of the kind ${JSON.stringify(kind)}, not t or b`);
  const strange = body.match(/\\.?/gs)?.find((escape) => !Object.hasOwn(escaped, escape));
  if (strange !== undefined) return new Error(`an escaped line holds ${JSON.stringify(strange)}`);
  return {
    payload: Buffer.from(
      body.replaceAll(/\\./gs, (escape) => escaped[escape]!),
      "latin1",
    ),
    text,
  };
}

/** A reader of lines. What the stream ends with, without an LF, is no message. */
function lineReader(...[maxPayloadBytes, receive, refuse]: Parameters<Framing["reader"]>): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let heldBytes = 0;
  let refused = false;

  function refuseWith(error: Error): false {
    refused = true;
    pieces = [];
    refuse(error);
    return false;
  }

  const tooLong = (): Error => new RangeError(`a line holds more than the ${maxPayloadBytes} bytes that are accepted`);
  /** The most that can stand in front of an LF: a CR, and where it is escaped the kind and every byte twice. */
  const longest = (): number => (pieces[0]?.[0] === dle ? 2 * maxPayloadBytes + 3 : maxPayloadBytes + 1);

  /** Keeps a piece of a line. False where that is refused. */
  function hold(piece: Buffer): boolean {
    if (piece.length === 0) return true;
    pieces.push(piece);
    heldBytes += piece.length;
    return heldBytes <= longest() || refuseWith(tooLong());
  }

  /** Hands on what is kept, which is a line. False where that is refused. */
  function take(): boolean {
    const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, heldBytes);
    pieces = [];
    heldBytes = 0;
    const message = readLine(whole.at(-1) === cr ? whole.subarray(0, -1) : whole);
    if (message instanceof Error) return refuseWith(message);
    if (message.payload.length > maxPayloadBytes) return refuseWith(tooLong());
    receive(message.payload, message.text);
    return true;
  }

  return function read(chunk) {
    if (refused) return;
    let from = 0;
    for (let end = chunk.indexOf(lf); end >= 0; end = chunk.indexOf(lf, from)) {
      if (!hold(chunk.subarray(from, end)) || !take()) return;
      from = end + 1;
    }
    hold(chunk.subarray(from));
  };
}

/** Lines of text: 1 byte around an ordinary text, 3 and 1 for each byte escaped around anything else. */
export const lineFraming: Framing = { frame: line, reader: lineReader };
