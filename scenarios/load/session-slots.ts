/** A bounded number of slots for sessions that run at the same time. */
export interface SessionSlots {
  /** Starts a session at once, or as soon as a slot is free. First come, first served. */
  take(session: number): void;
  /** Frees the slot of a session that has ended. */
  release(): void;
  /** Drops the sessions that wait for a slot. */
  cancelWaiting(): void;
  /** Resolves when no session runs and none waits. */
  drained(): Promise<void>;
}

/** So many slots. `start` is called with each session that gets a slot, and whether it had to wait for it. */
export function openSessionSlots(count: number, start: (session: number, waited: boolean) => void): SessionSlots {
  let waiting: number[] = [];
  /** Number of sessions at the front of `waiting` that have started. They are removed in batches, not one by one. */
  let started = 0;
  let used = 0;
  let onDrained = (): void => undefined;

  function startNext(): void {
    if (started === waiting.length) return;
    const session = waiting[started++]!;
    if (started > 1_000 && started > waiting.length / 2) [waiting, started] = [waiting.slice(started), 0];
    used++;
    start(session, true);
  }

  const isDrained = (): boolean => used === 0 && started === waiting.length;

  return {
    take(session) {
      if (used === count) waiting.push(session);
      else {
        used++;
        start(session, false);
      }
    },
    release() {
      used--;
      startNext();
      if (isDrained()) onDrained();
    },
    cancelWaiting() {
      [waiting, started] = [[], 0];
    },
    drained: () => new Promise((resolve) => (isDrained() ? resolve() : (onDrained = resolve))),
  };
}
