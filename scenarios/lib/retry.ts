/** Requests that are sent again until they are answered. */
export interface RetryUntilAnswered<T> {
  send(target: T): void;
  /** Marks a target as answered. */
  answered(target: T): void;
  /** Ends all retries. */
  stop(): void;
}

/**
 * Calls `request` for each target that is sent, and again every `retryMs` until the target has answered. The first
 * retry comes after `retryMs` to twice that. Infinity: no retry.
 */
export function retryUntilAnswered<T>(request: (target: T) => void, retryMs: number): RetryUntilAnswered<T> {
  const waiting = new Set<T>();
  let overdue: T[] = [];
  const timer = retryMs === Infinity ? undefined : setInterval(retry, retryMs);

  function retry(): void {
    for (const target of overdue) if (waiting.has(target)) request(target);
    overdue = [...waiting];
  }

  return {
    send(target) {
      waiting.add(target);
      request(target);
    },
    answered: (target) => void waiting.delete(target),
    stop: () => clearInterval(timer),
  };
}
