import type { Clock } from "../lib/pace.ts";

/** A clock for tests: its time passes only while somebody waits. */
export interface VirtualClock extends Clock {
  /** Lets time pass, as a process does that is busy or stopped. */
  pass(us: number): void;
}

/** Microseconds until `soon` calls back. */
const soonUs = 50;

/**
 * A clock at this time. It jumps to the next time for which somebody waits as soon as all promises that can settle have
 * settled.
 */
export function virtualClock(startUs = 0): VirtualClock {
  const waiting: { atUs: number; callback: () => void }[] = [];
  let now = startUs;
  function wait(us: number, callback: () => void): void {
    waiting.push({ atUs: now + us, callback });
    setImmediate(jump);
  }
  /** Each wait causes one jump, so the last jump finds the last callback. */
  function jump(): void {
    const next = waiting.reduce((one, other) => (other.atUs < one.atUs ? other : one));
    waiting.splice(waiting.indexOf(next), 1);
    now = Math.max(now, next.atUs);
    next.callback();
  }
  return {
    nowUs: () => now,
    after: (ms, callback) => wait(ms * 1000, callback),
    soon: (callback) => wait(soonUs, callback),
    pass: (us) => void (now += us),
  };
}
