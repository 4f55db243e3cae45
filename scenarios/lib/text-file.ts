import { readFileSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { TextDecoder } from "node:util";
import { errorMessage, UserError } from "./errors.ts";

/** Kinds of files that are no text, by their first bytes (hex), and what to do about each. */
const foreignKinds: readonly [firstBytes: string, what: string, remedy: string][] = [
  ["1f8b", "it is compressed with gzip", "Unpack it with gunzip."],
  ["28b52ffd", "it is compressed with zstd", "Unpack it with unzstd."],
  ["fd377a585a", "it is compressed with xz", "Unpack it with unxz."],
  ["425a68", "it is compressed with bzip2", "Unpack it with bunzip2."],
  ["504b0304", "it is a ZIP archive or a spreadsheet", "Unpack it, or name a text file."],
  ["d0cf11e0", "it is a spreadsheet", "Name a text file."],
];

/** A file that is not read as a text. `message` is the part of a sentence that says why. */
class NoTextError extends Error {
  readonly remedy: string;

  constructor(why: string, remedy: string) {
    super(why);
    this.remedy = remedy;
  }
}

/** Bytes that are searched for a NUL, which no CSV, JSON or YAML begins with. */
const searchedBytes = 512;

/**
 * A decoder for the text that begins with these bytes: UTF-8, or UTF-16 with a byte order mark. It throws where bytes
 * are not of that encoding. Throws where they are of a binary file.
 */
function decoderFor(beginning: Uint8Array): TextDecoder {
  const hex = Buffer.from(beginning.subarray(0, 8)).toString("hex");
  if (hex.startsWith("fffe")) return new TextDecoder("utf-16le", { fatal: true });
  if (hex.startsWith("feff")) return new TextDecoder("utf-16be", { fatal: true });
  const kind = foreignKinds.find(([firstBytes]) => hex.startsWith(firstBytes));
  if (kind) throw new NoTextError(kind[1], kind[2]);
  if (beginning.subarray(0, searchedBytes).includes(0)) throw new NoTextError("it is no text", "Name a text file.");
  return new TextDecoder("utf-8", { fatal: true });
}

/** The UserError for a file that cannot be read, in one sentence. `remedy` says which file to name instead. */
function cannotRead(path: string, error: unknown, remedy: string): UserError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const [why, other = remedy] =
    error instanceof NoTextError ? [message, error.remedy] : (problems[code] ?? [errorMessage(error)]);
  return new UserError(`Cannot read ${path}: ${why}. ${other}`, { cause: error });
}

/** Problem, and remedy where it is always the same, by the error code of Node. */
const problems: Record<string, readonly [why: string, remedy?: string]> = {
  ENOENT: ["there is no such file"],
  EISDIR: ["it is a folder"],
  EACCES: ["permission denied"],
  ERR_ENCODING_INVALID_ENCODED_DATA: ["it is not in UTF-8", "Save it in UTF-8."],
};

/** Most MiB of a file that is read as a whole. */
const mostMib = 256;

/**
 * The text of a file in UTF-8, or in UTF-16 with a byte order mark, without the mark. Throws a UserError where it
 * cannot be read or has more than 256 MiB; `remedy` is its last sentence.
 */
export function readTextFile(path: string, remedy: string): string {
  try {
    if (statSync(path).size > mostMib * 2 ** 20)
      throw new NoTextError(`it has more than ${mostMib} MiB`, "Make several files of it.");
    const bytes = readFileSync(path);
    return decoderFor(bytes).decode(bytes);
  } catch (error) {
    throw cannotRead(path, error, remedy);
  }
}

/**
 * The text of a file as `readTextFile` returns it, in pieces. A file that grows meanwhile is read up to its present
 * size. A character that is cut off at the end is U+FFFD.
 */
export async function* readTextPieces(path: string, remedy: string): AsyncGenerator<string, void> {
  try {
    const file = await open(path);
    const { size } = await file.stat().catch(async (error: unknown) => {
      await file.close();
      throw error;
    });
    // A pipe has no size.
    const input = file.createReadStream(size > 0 ? { end: size - 1 } : {});
    let decoder: TextDecoder | undefined;
    for await (const bytes of input as AsyncIterable<Buffer>) {
      decoder ??= decoderFor(bytes);
      yield decoder.decode(bytes, { stream: true });
    }
    if (decoder && endsInCharacter(decoder)) yield "\uFFFD";
  } catch (error) {
    throw cannotRead(path, error, remedy);
  }
}

/** True where the last bytes were the first ones of a character. */
function endsInCharacter(decoder: TextDecoder): boolean {
  try {
    decoder.decode();
    return false;
  } catch {
    return true;
  }
}
