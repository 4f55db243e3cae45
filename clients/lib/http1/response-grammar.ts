import { batchTypes } from "../../../servers/protocols/batch.ts";
import { bytesOf, type Action, type StateTable } from "./state-table.ts";
import * as at from "./header-grammar.ts";
import { headerLines, type HeaderLines } from "./header-grammar.ts";

/** What of a response matters here. Each is called where it is known, with the byte that made it known. */
export interface GrammarActions<Subject> {
  /** The version is 1.0. */
  old: Action<Subject>;
  statusDigit: Action<Subject>;
  /** The digits of a number, which what stands after them gives its meaning. */
  firstDigit: Action<Subject>;
  nextDigit: Action<Subject>;
  firstHexDigit: Action<Subject>;
  nextHexDigit: Action<Subject>;
  contentLength: Action<Subject>;
  chunked: Action<Subject>;
  textBatch: Action<Subject>;
  mixedBatch: Action<Subject>;
  otherType: Action<Subject>;
  close: Action<Subject>;
  keepAlive: Action<Subject>;
  /** The number is how many seconds the server keeps an idle connection. */
  timeout: Action<Subject>;
  /** The empty line after a head, or after the trailers. */
  headEnd: Action<Subject>;
  /** The number is the size of the chunk whose data follows. */
  chunkSize: Action<Subject>;
  /** The line end after a chunk's data: what follows is a line of its own. */
  chunkEnd: Action<Subject>;
}

/** A machine and the states by which it is entered. */
export interface ResponseGrammar<Subject> extends StateTable<Subject> {
  /** Nobody has asked for anything. */
  idle: number;
  statusLine: number;
  /** Headers, or trailers. */
  headers: number;
  /** The size of a chunk, and the line end after its data. */
  chunk: number;
  chunkEnd: number;
}

/**
 * HTTP/1.1 responses byte by byte, without their bodies (RFC 9112). It refuses what llhttp refuses when it is strict, and besides:
 * versions but 1.0 and 1.1, status codes above 599, control characters in a reason phrase, transfer codings but "chunked".
 */
export function responseGrammar<Subject>(means: GrammarActions<Subject>): ResponseGrammar<Subject> {
  const made = headerLines(means.headEnd);
  contentLength(made, means);
  transferEncoding(made, means);
  contentType(made, means);
  connection(made, means);
  keepAlive(made, means);
  return {
    ...made,
    idle: made.state("nothing, since no request is waiting"),
    statusLine: statusLine(made, means),
    ...chunks(made, means),
  };
}

/** RFC 9112, section 4; as llhttp, without the space where there is no reason phrase either. */
function statusLine<S>(
  { state, on, spell, anyValue, headers, lineEnd }: HeaderLines<S>,
  means: GrammarActions<S>,
): number {
  const [version, code] = ["HTTP/1.1 or HTTP/1.0 and a space", "a status code from 100 to 599"];
  const begins = state(version);
  const minor = spell(begins, "HTTP/1.", version, false, () => undefined);
  const codeBegins = state(code);
  for (const [digit, act] of [["1"], ["0", means.old]] as const) {
    const known = state(version, act);
    on(minor, bytesOf(digit), known);
    on(known, [at.sp], codeBegins);
  }
  const [first, second, third] = [1, 2, 3].map(() => state(code, means.statusDigit)) as [number, number, number];
  on(codeBegins, bytesOf("12345"), first);
  on(first, at.digitBytes, second);
  on(second, at.digitBytes, third);
  on(third, [at.sp], anyValue("a reason phrase"));
  on(third, [at.cr], lineEnd(headers));
  return begins;
}

/** One or more digits; `from` is the state before, and what is returned are the states after the first and any further. */
function number<S>(
  { state, on, expects }: HeaderLines<S>,
  from: number,
  bytes: number[],
  first: Action<S>,
  next: Action<S>,
) {
  const [one, more] = [state(expects[from]!, first), state(expects[from]!, next)];
  on(from, bytes, one);
  for (const digit of [one, more]) on(digit, bytes, more);
  return [one, more];
}

/** RFC 9112, section 6.2: digits and nothing else, no list of equal lengths either. */
function contentLength<S>(made: HeaderLines<S>, means: GrammarActions<S>): void {
  const begins = made.valueOf("content-length", "the digits of one Content-Length");
  const after = made.state(made.expects[begins]!);
  const end = made.lineEnd(made.headers, means.contentLength);
  for (const ends of [...number(made, begins, at.digitBytes, means.firstDigit, means.nextDigit), after]) {
    made.on(ends, [at.sp], after);
    made.on(ends, [at.cr], end);
  }
}

/** RFC 9112, section 6.1. Other codings were not asked for with TE, and could not be undone here. */
function transferEncoding<S>(
  { valueOf, state, spell, on, lineEnd, headers }: HeaderLines<S>,
  means: GrammarActions<S>,
): void {
  const what = "the transfer coding chunked and no other";
  const begins = valueOf("transfer-encoding", what);
  const after = state(what);
  const end = lineEnd(headers, means.chunked);
  for (const ends of [spell(begins, "chunked", what, true, () => undefined), after]) {
    on(ends, [at.sp], after);
    on(ends, [at.cr], end);
  }
}

/** As `batch` writes it, to the letter. */
function contentType<S>(
  { valueOf, anyValue, like, on, word, lineEnd, headers }: HeaderLines<S>,
  means: GrammarActions<S>,
): void {
  const begins = valueOf("content-type", "a content type");
  const other = anyValue("a content type", lineEnd(headers, means.otherType));
  like(begins, other);
  on(begins, [at.sp, at.tab], begins);
  for (const type of ["textBatch", "mixedBatch"] as const) {
    const end = lineEnd(headers, means[type]);
    for (const ends of word(begins, batchTypes[type], false, other)) on(ends, [at.cr], end);
  }
}

/** A list of options (RFC 9110, section 7.6.1). */
function connection<S>(
  { valueOf, anyValue, state, like, on, word, lineEnd, headers }: HeaderLines<S>,
  means: GrammarActions<S>,
) {
  const what = "connection options";
  const begins = valueOf("connection", what);
  const other = anyValue(what);
  on(other, [at.comma], begins);
  like(begins, other);
  on(begins, [at.sp, at.tab, at.comma], begins);
  const nexts = [["close", means.close] as const, ["keep-alive", means.keepAlive] as const].map(([option, act]) => {
    const next = state(what, act);
    const end = lineEnd(headers, act);
    for (const ends of word(begins, option, true, other)) {
      on(ends, [at.comma], next);
      on(ends, [at.cr], end);
    }
    return next;
  });
  for (const next of nexts) like(next, begins);
}

/** `timeout=` and a number in front, as Node writes it (RFC 2068, section 19.7.1.1); all else says nothing. */
function keepAlive<S>(made: HeaderLines<S>, means: GrammarActions<S>): void {
  const { valueOf, anyValue, spell, like, on, state, lineEnd, headers } = made;
  const begins = valueOf("keep-alive", "parameters of Keep-Alive");
  const other = anyValue("parameters of Keep-Alive");
  like(begins, other);
  on(begins, [at.sp, at.tab], begins);
  const from = spell(begins, "timeout=", made.expects[other]!, true, (each) => like(each, other));
  const next = state(made.expects[other]!, means.timeout);
  like(next, other);
  const end = lineEnd(headers, means.timeout);
  for (const ends of number(made, from, at.digitBytes, means.firstDigit, means.nextDigit)) {
    on(
      ends,
      at.textBytes.filter((byte) => !at.digitBytes.includes(byte)),
      other,
    );
    on(ends, [at.sp, at.tab, at.comma], next);
    on(ends, [at.cr], end);
  }
}

/** RFC 9112, section 7.1: the size in hex, and extensions, which say nothing here but have to be well-formed (section 7.1.1). */
function chunks<S>(made: HeaderLines<S>, means: GrammarActions<S>): Pick<ResponseGrammar<S>, "chunk" | "chunkEnd"> {
  const { state, on, like, lineEnd } = made;
  const chunk = state("the size of a chunk in hex");
  const end = lineEnd(state("the data of a chunk", means.chunkSize));
  const [nameBegins, name] = [state("a chunk extension's name"), state("a chunk extension's name")];
  const [valueBegins, value] = [state("a chunk extension's value"), state("a chunk extension's value")];
  const [quoted, escaped, closed] = [
    state("a closing quote"),
    state("a quoted character"),
    state("the chunk's line end"),
  ];
  const hex = [...at.digitBytes, ...bytesOf("abcdefABCDEF")];
  for (const ends of [...number(made, chunk, hex, means.firstHexDigit, means.nextHexDigit), name, value, closed]) {
    on(ends, [at.semicolon], nameBegins);
    on(ends, [at.cr], end);
  }
  for (const from of [nameBegins, name]) on(from, at.tokenBytes, name);
  on(name, [at.equals], valueBegins);
  for (const from of [valueBegins, value]) on(from, at.tokenBytes, value);
  on(valueBegins, [at.quote], quoted);
  on(quoted, at.textBytes, quoted);
  on(quoted, [at.backslash], escaped);
  on(quoted, [at.quote], closed);
  on(escaped, at.textBytes, quoted);
  const chunkEnd = state("a line end after a chunk's data");
  const nextChunk = state(made.expects[chunk]!, means.chunkEnd);
  like(nextChunk, chunk);
  on(chunkEnd, [at.cr], lineEnd(nextChunk));
  return { chunk, chunkEnd };
}
