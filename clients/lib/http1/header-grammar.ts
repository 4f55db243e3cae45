import { bytesOf, createStateTable, byteRange, type Action, type StateTable } from "./state-table.ts";

/** Bytes with a meaning in HTTP's grammar. */
export const [tab, lf, cr, sp, quote, comma, colon, semicolon, equals, backslash] = [
  9, 10, 13, 32, 34, 44, 58, 59, 61, 92,
] as const;

/** The digits 0 to 9. */
export const digitBytes = byteRange(48, 57);

/** The bytes of a token, such as a header's name (RFC 9110, section 5.6.2). */
export const tokenBytes = [...bytesOf("!#$%&'*+-.^_`|~"), ...digitBytes, ...byteRange(65, 90), ...byteRange(97, 122)];

/**
 * The bytes of a header's value, a reason phrase or a quoted string (RFC 9110, sections 5.5 and 5.6.4; RFC 9112,
 * section 4).
 */
export const textBytes = [tab, ...byteRange(sp, 126), ...byteRange(128, 255)];

/** A state table that reads header lines (RFC 9112, section 5). Headers with a meaning are added to it. */
export interface HeaderGrammar<Subject> extends StateTable<Subject> {
  /** The state at the beginning of a header line, or of the empty line that ends the section. */
  headers: number;
  /** Adds the state between a CR and the LF that leads to `to`. The action is called at the CR. */
  addLineEnd(to: number, action?: Action<Subject>): number;
  /** Adds a state that skips text up to the CR. The CR leads to `lineEnd`, by default to the next header. */
  addText(expected: string, lineEnd?: number): number;
  /** Adds a header by its name. Returns the state at the beginning of its value, which skips white space. */
  addHeader(header: string, expected: string): number;
  /**
   * Adds a word to a state that also accepts other words, which `others` reads. Returns two states: after the word, and
   * after the white space that follows the word.
   */
  addListWord(from: number, word: string, ignoreCase: boolean, others: number): number[];
}

/**
 * The grammar of header lines: a token, a colon, text and CRLF. It rejects folded lines, a bare LF, a space before the
 * colon and control characters, as llhttp does in strict mode. `sectionEnd` is called after the empty line.
 */
export function createHeaderGrammar<Subject>(sectionEnd: Action<Subject>): HeaderGrammar<Subject> {
  const table = createStateTable<Subject>();
  const { addState, addTransitions, copyTransitions, addWord } = table;

  function addLineEnd(to: number, action?: Action<Subject>): number {
    const afterCr = addState("LF after CR", action);
    addTransitions(afterCr, [lf], to);
    return afterCr;
  }

  const headers = addState("a header or an empty line");
  const nextHeader = addLineEnd(headers);

  function addText(expected: string, lineEnd = nextHeader): number {
    const text = addState(expected);
    addTransitions(text, textBytes, text);
    addTransitions(text, [cr], lineEnd);
    return text;
  }

  const name = addState("a header's name and a colon");
  addTransitions(name, tokenBytes, name);
  addTransitions(name, [colon], addText("a header's value"));
  addTransitions(headers, tokenBytes, name);
  addTransitions(headers, [cr], addLineEnd(addState("the body", sectionEnd)));

  return {
    ...table,
    headers,
    addLineEnd,
    addText,
    addHeader(header, expected) {
      const value = addState(expected);
      addTransitions(value, [sp, tab], value);
      const afterName = addWord(headers, header, table.expected[name]!, true, (state) => copyTransitions(state, name));
      addTransitions(afterName, [colon], value);
      return value;
    },
    addListWord(from, word, ignoreCase, others) {
      const expected = table.expected[others]!;
      const afterWord = addWord(from, word, expected, ignoreCase, (state) => copyTransitions(state, others));
      const afterSpace = addState(expected);
      copyTransitions(afterSpace, others);
      for (const state of [afterWord, afterSpace]) addTransitions(state, [sp, tab], afterSpace);
      return [afterWord, afterSpace];
    },
  };
}
