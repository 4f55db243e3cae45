/** What happens on entering a state, after the byte that led there. It may set the subject's `state` to go on elsewhere. */
export type Action<Subject> = (subject: Subject, byte: number) => void;

/** A table that says what follows a byte: one row of 256 per state. State 0 refuses: what is not said leads there. */
export interface StateTable<Subject> {
  /** The state after `byte` in `state` is `next[(state << 8) | byte]`. */
  next: Uint8Array;
  /** By state, what is done on entering it. States that do something have lower numbers than all that do nothing. */
  acts: Action<Subject>[];
  /** By state, what should come next, for error messages. */
  expects: string[];
  /** A new state in which nothing is allowed yet. */
  state(expects: string, act?: Action<Subject>): number;
  /** Says where each of these bytes leads. What is said later holds. */
  on(from: number, bytes: Iterable<number>, to: number): void;
  /** Allows in a state what another allows so far. */
  like(state: number, other: number): void;
  /**
   * Says where a word leads, and returns the state after it. Words that begin alike share states; `between` says of each new state
   * what else is allowed there. With `fold`, letters are taken in either case.
   */
  spell(from: number, word: string, expects: string, fold: boolean, between: (state: number) => void): number;
}

/** At most so many states: a table holds them in bytes. */
const most = 256;

/** An empty machine. */
export function createStateTable<Subject>(): StateTable<Subject> {
  const next = new Uint8Array(most * 256);
  const acts: Action<Subject>[] = [() => undefined];
  const expects: string[] = ["nothing more"];
  const spelled = new Set<number>();
  let lowestPlain = most;

  const made: StateTable<Subject> = {
    next,
    acts,
    expects,
    state(what, act) {
      const state = act ? acts.push(act) - 1 : --lowestPlain;
      if (acts.length > lowestPlain) throw new RangeError(`a machine has at most ${most} states`);
      expects[state] = what;
      return state;
    },
    on(from, bytes, to) {
      for (const byte of bytes) next[(from << 8) | byte] = to;
    },
    like(state, other) {
      next.copyWithin(state << 8, other << 8, (other + 1) << 8);
    },
    spell(from, word, what, fold, between) {
      let at = from;
      for (const character of word) {
        let to = next[(at << 8) | character.charCodeAt(0)]!;
        if (!spelled.has(to)) {
          to = made.state(what);
          spelled.add(to);
          between(to);
          made.on(at, bytesOf(fold ? character.toLowerCase() + character.toUpperCase() : character), to);
        }
        at = to;
      }
      return at;
    },
  };
  return made;
}

/** The bytes of a string of ASCII characters. */
export function bytesOf(ascii: string): number[] {
  return Array.from(ascii, (character) => character.charCodeAt(0));
}

/** Every byte from the first to the last. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
