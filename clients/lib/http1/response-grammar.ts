import { batchTypes } from "../../../servers/protocols/batch.ts";
import { bytesOf, type Action, type StateTable } from "./state-table.ts";
import * as at from "./header-grammar.ts";
import { createHeaderGrammar, type HeaderGrammar } from "./header-grammar.ts";

/** Actions of the response grammar. Each is called as soon as its fact is known, with the last byte read. */
export interface GrammarActions<Subject> {
  /** The version is HTTP/1.0. */
  http10: Action<Subject>;
  statusDigit: Action<Subject>;
  /** A digit of a number. The action after the number says what the number means. */
  firstDigit: Action<Subject>;
  nextDigit: Action<Subject>;
  firstHexDigit: Action<Subject>;
  nextHexDigit: Action<Subject>;
  /** The number is the Content-Length. */
  contentLength: Action<Subject>;
  /** Transfer-Encoding is chunked. */
  chunked: Action<Subject>;
  /** The Content-Type is that of a text batch, of a mixed batch, or another. */
  textBatch: Action<Subject>;
  mixedBatch: Action<Subject>;
  otherType: Action<Subject>;
  /** The header Connection has this option. */
  close: Action<Subject>;
  keepAlive: Action<Subject>;
  /** The number is the timeout of the header Keep-Alive, in seconds. */
  keepAliveTimeout: Action<Subject>;
  /** The empty line after the head or after the trailers. */
  sectionEnd: Action<Subject>;
  /** The number is the size of the chunk whose data follows. */
  chunkSize: Action<Subject>;
  /** The line end after a chunk's data. A chunk-size line follows. */
  chunkEnd: Action<Subject>;
}

/** A state table for responses, with the states in which reading begins. */
export interface ResponseGrammar<Subject> extends StateTable<Subject> {
  /** No request is waiting for a response: every byte is an error. */
  idle: number;
  statusLine: number;
  /** Headers, or trailers. */
  headers: number;
  /** The chunk-size line. */
  chunk: number;
  /** The line end after a chunk's data. */
  chunkEnd: number;
}

/**
 * The grammar of HTTP/1.1 responses without their bodies (RFC 9112). It rejects what llhttp rejects in strict mode, and
 * also versions other than 1.0 and 1.1, status codes above 599, control characters in a reason phrase, and transfer
 * codings other than "chunked".
 */
export function createResponseGrammar<Subject>(actions: GrammarActions<Subject>): ResponseGrammar<Subject> {
  const grammar = createHeaderGrammar(actions.sectionEnd);
  addContentLength(grammar, actions);
  addTransferEncoding(grammar, actions);
  addContentType(grammar, actions);
  addConnection(grammar, actions);
  addKeepAlive(grammar, actions);
  return {
    ...grammar,
    idle: grammar.addState("nothing, since no request is waiting"),
    statusLine: addStatusLine(grammar, actions),
    ...addChunks(grammar, actions),
  };
}

/**
 * The status line (RFC 9112, section 4). As in llhttp, the space after the code may be missing where the reason phrase
 * is empty.
 */
function addStatusLine<S>(
  { addState, addTransitions, addWord, addText, headers, addLineEnd }: HeaderGrammar<S>,
  actions: GrammarActions<S>,
): number {
  const [version, code] = ["HTTP/1.1 or HTTP/1.0 and a space", "a status code from 100 to 599"];
  const start = addState(version);
  const minorVersion = addWord(start, "HTTP/1.", version, false, () => undefined);
  const codeStart = addState(code);
  for (const [digit, action] of [["1"], ["0", actions.http10]] as const) {
    const afterVersion = addState(version, action);
    addTransitions(minorVersion, bytesOf(digit), afterVersion);
    addTransitions(afterVersion, [at.sp], codeStart);
  }
  const [first, second, third] = [1, 2, 3].map(() => addState(code, actions.statusDigit)) as [number, number, number];
  addTransitions(codeStart, bytesOf("12345"), first);
  addTransitions(first, at.digitBytes, second);
  addTransitions(second, at.digitBytes, third);
  addTransitions(third, [at.sp], addText("a reason phrase"));
  addTransitions(third, [at.cr], addLineEnd(headers));
  return start;
}

/**
 * Adds a number of one or more digits after the state `from`. Returns the states after the first and after any further
 * digit.
 */
function addNumber<S>(
  { addState, addTransitions, expected }: HeaderGrammar<S>,
  from: number,
  digits: number[],
  firstDigit: Action<S>,
  nextDigit: Action<S>,
): number[] {
  const [first, further] = [addState(expected[from]!, firstDigit), addState(expected[from]!, nextDigit)];
  addTransitions(from, digits, first);
  for (const state of [first, further]) addTransitions(state, digits, further);
  return [first, further];
}

/** Content-Length (RFC 9112, section 6.2): digits only, not even a list of equal lengths. */
function addContentLength<S>(grammar: HeaderGrammar<S>, actions: GrammarActions<S>): void {
  const value = grammar.addHeader("content-length", "the digits of one Content-Length");
  const afterSpace = grammar.addState(grammar.expected[value]!);
  const lineEnd = grammar.addLineEnd(grammar.headers, actions.contentLength);
  const digits = addNumber(grammar, value, at.digitBytes, actions.firstDigit, actions.nextDigit);
  for (const state of [...digits, afterSpace]) {
    grammar.addTransitions(state, [at.sp], afterSpace);
    grammar.addTransitions(state, [at.cr], lineEnd);
  }
}

/**
 * Transfer-Encoding (RFC 9112, section 6.1). Other codings need the request header TE, which is never sent, and a
 * decoder.
 */
function addTransferEncoding<S>(
  { addHeader, addState, addWord, addTransitions, addLineEnd, headers }: HeaderGrammar<S>,
  actions: GrammarActions<S>,
): void {
  const expected = "the transfer coding chunked and no other";
  const value = addHeader("transfer-encoding", expected);
  const afterSpace = addState(expected);
  const lineEnd = addLineEnd(headers, actions.chunked);
  for (const state of [addWord(value, "chunked", expected, true, () => undefined), afterSpace]) {
    addTransitions(state, [at.sp], afterSpace);
    addTransitions(state, [at.cr], lineEnd);
  }
}

/** Content-Type. The types of a batch match only as `batchTypes` spells them. */
function addContentType<S>(
  { addHeader, addText, copyTransitions, addTransitions, addListWord, addLineEnd, headers }: HeaderGrammar<S>,
  actions: GrammarActions<S>,
): void {
  const value = addHeader("content-type", "a content type");
  const other = addText("a content type", addLineEnd(headers, actions.otherType));
  copyTransitions(value, other);
  addTransitions(value, [at.sp, at.tab], value);
  for (const type of ["textBatch", "mixedBatch"] as const) {
    const lineEnd = addLineEnd(headers, actions[type]);
    for (const state of addListWord(value, batchTypes[type], false, other)) addTransitions(state, [at.cr], lineEnd);
  }
}

/** Connection: a list of options (RFC 9110, section 7.6.1). */
function addConnection<S>(
  { addHeader, addText, addState, copyTransitions, addTransitions, addListWord, addLineEnd, headers }: HeaderGrammar<S>,
  actions: GrammarActions<S>,
): void {
  const expected = "connection options";
  const option = addHeader("connection", expected);
  const other = addText(expected);
  addTransitions(other, [at.comma], option);
  copyTransitions(option, other);
  addTransitions(option, [at.sp, at.tab, at.comma], option);
  const known = [["close", actions.close] as const, ["keep-alive", actions.keepAlive] as const];
  const nextOptions = known.map(([word, action]) => {
    const nextOption = addState(expected, action);
    const lineEnd = addLineEnd(headers, action);
    for (const state of addListWord(option, word, true, other)) {
      addTransitions(state, [at.comma], nextOption);
      addTransitions(state, [at.cr], lineEnd);
    }
    return nextOption;
  });
  // After the loop, when `option` leads into both words.
  for (const nextOption of nextOptions) copyTransitions(nextOption, option);
}

/** Keep-Alive (RFC 2068, section 19.7.1.1). Only a `timeout=` at the beginning is read; Node writes it there. */
function addKeepAlive<S>(grammar: HeaderGrammar<S>, actions: GrammarActions<S>): void {
  const { addHeader, addText, addWord, copyTransitions, addTransitions, addState, addLineEnd, headers } = grammar;
  const expected = "parameters of Keep-Alive";
  const value = addHeader("keep-alive", expected);
  const other = addText(expected);
  copyTransitions(value, other);
  addTransitions(value, [at.sp, at.tab], value);
  const seconds = addWord(value, "timeout=", expected, true, (state) => copyTransitions(state, other));
  const nextParameter = addState(expected, actions.keepAliveTimeout);
  copyTransitions(nextParameter, other);
  const lineEnd = addLineEnd(headers, actions.keepAliveTimeout);
  const noDigits = at.textBytes.filter((byte) => !at.digitBytes.includes(byte));
  for (const state of addNumber(grammar, seconds, at.digitBytes, actions.firstDigit, actions.nextDigit)) {
    addTransitions(state, noDigits, other);
    addTransitions(state, [at.sp, at.tab, at.comma], nextParameter);
    addTransitions(state, [at.cr], lineEnd);
  }
}

/**
 * Chunked bodies (RFC 9112, section 7.1): a size in hex and extensions. Extensions have no effect, but they must be
 * well-formed (section 7.1.1).
 */
function addChunks<S>(
  grammar: HeaderGrammar<S>,
  actions: GrammarActions<S>,
): Pick<ResponseGrammar<S>, "chunk" | "chunkEnd"> {
  const { addState, addTransitions, copyTransitions, addLineEnd } = grammar;
  const chunk = addState("the size of a chunk in hex");
  const lineEnd = addLineEnd(addState("the data of a chunk", actions.chunkSize));
  const [nameStart, name] = [addState("a chunk extension's name"), addState("a chunk extension's name")];
  const [valueStart, value] = [addState("a chunk extension's value"), addState("a chunk extension's value")];
  const [quoted, escaped, afterQuoted] = [
    addState("a closing quote"),
    addState("a quoted character"),
    addState("the chunk's line end"),
  ];
  const hexBytes = [...at.digitBytes, ...bytesOf("abcdefABCDEF")];
  const digits = addNumber(grammar, chunk, hexBytes, actions.firstHexDigit, actions.nextHexDigit);
  for (const state of [...digits, name, value, afterQuoted]) {
    addTransitions(state, [at.semicolon], nameStart);
    addTransitions(state, [at.cr], lineEnd);
  }
  for (const state of [nameStart, name]) addTransitions(state, at.tokenBytes, name);
  addTransitions(name, [at.equals], valueStart);
  for (const state of [valueStart, value]) addTransitions(state, at.tokenBytes, value);
  addTransitions(valueStart, [at.quote], quoted);
  addTransitions(quoted, at.textBytes, quoted);
  addTransitions(quoted, [at.backslash], escaped);
  addTransitions(quoted, [at.quote], afterQuoted);
  addTransitions(escaped, at.textBytes, quoted);
  const chunkEnd = addState("a line end after a chunk's data");
  const nextChunk = addState(grammar.expected[chunk]!, actions.chunkEnd);
  copyTransitions(nextChunk, chunk);
  addTransitions(chunkEnd, [at.cr], addLineEnd(nextChunk));
  return { chunk, chunkEnd };
}
