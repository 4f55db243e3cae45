/**
 * Called when a state is entered, with the byte that led there. An action may set the subject's `state` to go on
 * elsewhere.
 */
export type Action<Subject> = (subject: Subject, byte: number) => void;

/**
 * A state machine over bytes, as a table with a row of 256 entries per state. A byte without a transition leads to
 * state 0.
 */
export interface StateTable<Subject> {
  /** The state after `byte` in `state` is `next[(state << 8) | byte]`. */
  next: Uint8Array;
  /** Actions by state. Every state with an action has a lower number than any state without one. */
  actions: Action<Subject>[];
  /** The input that each state accepts, as words for an error message. */
  expected: string[];
  /** Adds a state without transitions. Returns its number. */
  addState(expected: string, action?: Action<Subject>): number;
  /** Adds one transition for each of these bytes. It replaces an earlier transition for the same byte. */
  addTransitions(from: number, bytes: Iterable<number>, to: number): void;
  /** Replaces all transitions of a state by those that `other` has now. */
  copyTransitions(state: number, other: number): void;
  /**
   * Adds the transitions that read a word. Returns the state after the word. Words with a common beginning share
   * states. `prepare` is called with each new state, to add the other transitions of that state. With `ignoreCase`,
   * letters match in either case.
   */
  addWord(from: number, word: string, expected: string, ignoreCase: boolean, prepare: (state: number) => void): number;
}

/** Most states of a table: a state is one byte. */
const maxStates = 256;

/** A table with nothing but state 0. */
export function createStateTable<Subject>(): StateTable<Subject> {
  const next = new Uint8Array(maxStates * 256);
  const actions: Action<Subject>[] = [() => undefined];
  const expected: string[] = ["nothing more"];
  const wordStates = new Set<number>();
  let lowestWithoutAction = maxStates;

  const table: StateTable<Subject> = {
    next,
    actions,
    expected,
    addState(description, action) {
      const state = action ? actions.push(action) - 1 : --lowestWithoutAction;
      if (actions.length > lowestWithoutAction) throw new RangeError(`a state table has at most ${maxStates} states`);
      expected[state] = description;
      return state;
    },
    addTransitions(from, bytes, to) {
      for (const byte of bytes) next[(from << 8) | byte] = to;
    },
    copyTransitions(state, other) {
      next.copyWithin(state << 8, other << 8, (other + 1) << 8);
    },
    addWord(from, word, description, ignoreCase, prepare) {
      let state = from;
      for (const character of word) {
        let to = next[(state << 8) | character.charCodeAt(0)]!;
        if (!wordStates.has(to)) {
          to = table.addState(description);
          wordStates.add(to);
          prepare(to);
          const spellings = ignoreCase ? character.toLowerCase() + character.toUpperCase() : character;
          table.addTransitions(state, bytesOf(spellings), to);
        }
        state = to;
      }
      return state;
    },
  };
  return table;
}

/** The bytes of an ASCII string. */
export function bytesOf(ascii: string): number[] {
  return Array.from(ascii, (character) => character.charCodeAt(0));
}

/** All bytes from `first` to `last`, both included. */
export function byteRange(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
