/** A bounded number of places, taken in turn. */
export interface SessionSlots {
  /** Begins with this one, at once or as soon as a place is free. */
  take(what: number): void;
  /** Gives a place back. */
  release(): void;
  /** From now on nobody begins who waits. */
  cancelWaiting(): void;
  /** Resolves when no place is taken and nobody waits. */
  drained(): Promise<void>;
}

/** So many places; `begin` is told who takes one, and whether it had to wait for it. Who comes first is first. */
export function openSessionSlots(count: number, begin: (what: number, waited: boolean) => void): SessionSlots {
  let waiting: number[] = [];
  /** How many at the front of `waiting` have begun: they are cut off now and then, not one by one. */
  let begun = 0;
  let taken = 0;
  let told = (): void => undefined;

  function next(): void {
    if (begun === waiting.length) return;
    const what = waiting[begun++]!;
    if (begun > 1_000 && begun > waiting.length / 2) [waiting, begun] = [waiting.slice(begun), 0];
    taken++;
    begin(what, true);
  }

  const isEmpty = (): boolean => taken === 0 && begun === waiting.length;

  return {
    take(what) {
      if (taken === count) waiting.push(what);
      else {
        taken++;
        begin(what, false);
      }
    },
    release() {
      taken--;
      next();
      if (isEmpty()) told();
    },
    cancelWaiting() {
      [waiting, begun] = [[], 0];
      if (isEmpty()) told();
    },
    drained: () => new Promise((resolve) => (isEmpty() ? resolve() : (told = resolve))),
  };
}
