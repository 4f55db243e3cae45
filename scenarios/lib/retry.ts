/** Something that is asked of several, and again of whoever does not answer. */
export interface RetryUntilAnswered<T> {
  send(who: T): void;
  answered(who: T): void;
  /** Ends it; nobody is asked again. */
  stop(): void;
}

/** Asks, and asks again whoever has not answered for `againMs` at least, at most twice that, however often it takes; Infinity asks once. */
export function retryUntilAnswered<T>(ask: (who: T) => void, retryMs: number): RetryUntilAnswered<T> {
  const waiting = new Set<T>();
  let late: T[] = [];
  const timer = retryMs === Infinity ? undefined : setInterval(askAgain, retryMs);

  function askAgain(): void {
    for (const who of late) if (waiting.has(who)) ask(who);
    late = [...waiting];
  }

  return {
    send(who) {
      waiting.add(who);
      ask(who);
    },
    answered: (who) => void waiting.delete(who),
    stop: () => clearInterval(timer),
  };
}
