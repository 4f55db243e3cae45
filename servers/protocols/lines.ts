import type { Framing } from "./framing.ts";

/*
 * Messages as lines, each ended by LF, so that a person at telnet or nc is a client:
 *
 *     PAYLOAD LF              a text, unchanged. A CR before the LF belongs to the line end, as telnet sends it.
 *     DLE "t" ESCAPED LF      a text that contains an LF, ends with CR or begins with DLE (0x10).
 *     DLE "b" ESCAPED LF      binary.
 *
 * In ESCAPED, `\n` means LF, `\r` means CR and `\\` means a backslash. No other character may follow a backslash. So an
 * ordinary text costs 1 byte. Any other message costs 3 bytes and 1 for each escaped byte, which is one in 85 of random
 * bytes.
 */
const [lf, cr, dle] = [0x0a, 0x0d, 0x10];

const escapes: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\\": "\\\\" };
const unescaped = Object.fromEntries(Object.entries(escapes).map(([byte, escape]) => [escape, byte]));
const kinds: Record<string, boolean> = { t: true, b: false };

/** Encodes a message as a line. */
function encodeLine(payload: Buffer, text: boolean): Buffer {
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

/** Decodes a line without its end. Returns an error where an escaped line is not valid. */
function readLine(bytes: Buffer): { payload: Buffer; text: boolean } | Error {
  if (bytes[0] !== dle) return { payload: bytes, text: true };
  const [kind, body] = [bytes.toString("latin1", 1, 2), bytes.toString("latin1", 2)];
  const text = kinds[kind];
  if (text === undefined) return new Error(`an escaped line has the unknown kind ${JSON.stringify(kind)}, not t or b`);
  const unknown = body.match(/\\.?/gs)?.find((escape) => !Object.hasOwn(unescaped, escape));
  if (unknown !== undefined) return new Error(`an escaped line has the unknown escape ${JSON.stringify(unknown)}`);
  return {
    payload: Buffer.from(
      body.replaceAll(/\\./gs, (escape) => unescaped[escape]!),
      "latin1",
    ),
    text,
  };
}

/** A reader of lines. Bytes at the end of the stream without an LF are no message. */
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

  const tooLong = (): Error => new RangeError(`a line has more than ${maxPayloadBytes} bytes`);
  /**
   * Most bytes before an LF: the payload and a CR or, in an escaped line, DLE, the kind, a CR and two bytes for each of
   * the payload.
   */
  const maxLineBytes = (): number => (pieces[0]?.[0] === dle ? 2 * maxPayloadBytes + 3 : maxPayloadBytes + 1);

  /** Keeps a piece of a line. Returns false where the line is refused. */
  function hold(piece: Buffer): boolean {
    if (piece.length === 0) return true;
    pieces.push(piece);
    heldBytes += piece.length;
    return heldBytes <= maxLineBytes() || refuseWith(tooLong());
  }

  /** Decodes the kept pieces, which are a complete line. Returns false where the line is refused. */
  function finishLine(): boolean {
    const line = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, heldBytes);
    pieces = [];
    heldBytes = 0;
    const message = readLine(line.at(-1) === cr ? line.subarray(0, -1) : line);
    if (message instanceof Error) return refuseWith(message);
    if (message.payload.length > maxPayloadBytes) return refuseWith(tooLong());
    receive(message.payload, message.text);
    return true;
  }

  return function read(chunk) {
    if (refused) return;
    let from = 0;
    for (let end = chunk.indexOf(lf); end >= 0; end = chunk.indexOf(lf, from)) {
      if (!hold(chunk.subarray(from, end)) || !finishLine()) return;
      from = end + 1;
    }
    hold(chunk.subarray(from));
  };
}

/** Framing by lines: 1 byte for an ordinary text, and 3 bytes and 1 for each escaped byte for any other message. */
export const lineFraming: Framing = { frame: encodeLine, reader: lineReader };
