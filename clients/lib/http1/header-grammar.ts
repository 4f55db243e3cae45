import { bytesOf, createStateTable, range, type Action, type StateTable } from "./state-table.ts";

/** Bytes that mean something between others. */
export const [tab, lf, cr, sp, quote, comma, colon, semicolon, equals, backslash] = [
  9, 10, 13, 32, 34, 44, 58, 59, 61, 92,
] as const;

/** Bytes that stand for 0 to 9. */
export const digitBytes = range(48, 57);

/** What a name is made of (RFC 9110, section 5.6.2). */
export const tokenBytes = [...bytesOf("!#$%&'*+-.^_`|~"), ...digitBytes, ...range(65, 90), ...range(97, 122)];

/** What a header's value, a reason phrase and a quoted string may hold (RFC 9110, sections 5.5 and 5.6.4; RFC 9112, section 4). */
export const textBytes = [tab, ...range(sp, 126), ...range(128, 255)];

/** A machine that knows lines and headers (RFC 9112, section 5), to which those that matter can be added. */
export interface HeaderLines<Subject> extends StateTable<Subject> {
  /** Where a header begins, or the empty line that ends them. */
  headers: number;
  /** The state between a CR and the LF that leads to `to`. `act` is called at the CR. */
  lineEnd(to: number, act?: Action<Subject>): number;
  /** A state that takes what is text up to the end of the line, or to bytes of which another says where they lead. */
  anyValue(expects: string, end?: number): number;
  /** Where the value of that header begins; white space in front of it is skipped. */
  valueOf(header: string, expects: string): number;
  /** Says where a word leads that may stand among `others`; returns the states after it and after white space that follows it. */
  word(from: number, word: string, fold: boolean, others: number): number[];
}

/**
 * Lines that end in CRLF, headers that are a token, a colon and text. Folded lines, bare line feeds, a space before the colon and
 * control characters are refused, as llhttp does when it is strict. `headEnd` is called after the empty line.
 */
export function headerLines<Subject>(headEnd: Action<Subject>): HeaderLines<Subject> {
  const made = createStateTable<Subject>();
  const { state, on, like, spell } = made;

  function lineEnd(to: number, act?: Action<Subject>): number {
    const between = state("LF after CR", act);
    on(between, [lf], to);
    return between;
  }

  const headers = state("a header or an empty line");
  const nextHeader = lineEnd(headers);

  function anything(expects: string, end = nextHeader): number {
    const any = state(expects);
    on(any, textBytes, any);
    on(any, [cr], end);
    return any;
  }

  const name = state("a header's name and a colon");
  on(name, tokenBytes, name);
  on(name, [colon], anything("a header's value"));
  on(headers, tokenBytes, name);
  on(headers, [cr], lineEnd(state("the body", headEnd)));

  return {
    ...made,
    headers,
    lineEnd,
    anyValue: anything,
    valueOf(header, expects) {
      const begins = state(expects);
      on(begins, [sp, tab], begins);
      on(
        spell(headers, header, made.expects[name]!, true, (at) => like(at, name)),
        [colon],
        begins,
      );
      return begins;
    },
    word(from, word, fold, others) {
      const ends = spell(from, word, made.expects[others]!, fold, (at) => like(at, others));
      const after = state(made.expects[others]!);
      like(after, others);
      for (const at of [ends, after]) on(at, [sp, tab], after);
      return [ends, after];
    },
  };
}
