import { nowMs } from "./clock.ts";

/** Where time comes from; tests pass one of their own. */
export interface Time {
  nowMs(): number;
  /** Calls back in about so many milliseconds, early or late. What it returns calls it off. */
  after(ms: number, callback: () => void): () => void;
}

/** Something that happens at a time which can be changed. `ring` must not throw. */
export interface Alarm {
  /** When it rings, in milliseconds on the host's clock; infinite where it is not set. */
  dueMs: number;
  /** Where it stands among all that are set. */
  place: number;
  ring(): void;
}

/** Any number of alarms on one timer. None rings early; one that is late rings as soon as it can. */
export interface Schedule {
  set(alarm: Alarm, dueMs: number): void;
  clear(alarm: Alarm): void;
  nowMs(): number;
}

const realTime: Time = {
  nowMs,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** An alarm that is not set. */
export function alarm(ring: () => void): Alarm {
  return { dueMs: Infinity, place: -1, ring };
}

/** An empty schedule: a binary heap, so that setting and ringing take time that grows with the logarithm of what is set. */
export function openSchedule(time: Time): Schedule {
  const heap: Alarm[] = [];
  let wakeMs = Infinity;
  let waking = false;
  let callOff = (): void => undefined;

  function put(one: Alarm, place: number): void {
    heap[place] = one;
    one.place = place;
  }

  /** Finds the place for an alarm that may stand too low, or too high, at this one. */
  function settle(one: Alarm, from: number): void {
    let place = from;
    for (let above = (place - 1) >> 1; place > 0 && heap[above]!.dueMs > one.dueMs; above = (place - 1) >> 1) {
      put(heap[above]!, place);
      place = above;
    }
    for (;;) {
      let below = 2 * place + 1;
      if (below + 1 < heap.length && heap[below + 1]!.dueMs < heap[below]!.dueMs) below++;
      if (below >= heap.length || heap[below]!.dueMs >= one.dueMs) break;
      put(heap[below]!, place);
      place = below;
    }
    put(one, place);
  }

  function remove(one: Alarm): void {
    const { place } = one;
    one.place = -1;
    one.dueMs = Infinity;
    const last = heap.pop()!;
    if (last !== one) settle(last, place);
  }

  function wake(): void {
    wakeMs = Infinity;
    waking = true;
    const now = time.nowMs();
    while (heap.length > 0 && heap[0]!.dueMs <= now) {
      const due = heap[0]!;
      remove(due);
      due.ring();
    }
    waking = false;
    sleep();
  }

  /** Sees to it that the timer is on for the first alarm, or off where there is none. */
  function sleep(): void {
    const firstMs = heap[0]?.dueMs ?? Infinity;
    if (waking || firstMs === wakeMs) return;
    callOff();
    wakeMs = firstMs;
    callOff = firstMs === Infinity ? () => undefined : time.after(Math.ceil(firstMs - time.nowMs()), wake);
  }

  return {
    set(one, dueMs) {
      if (one.place < 0) heap.push(one);
      const place = one.place < 0 ? heap.length - 1 : one.place;
      one.dueMs = dueMs;
      settle(one, place);
      sleep();
    },
    clear(one) {
      if (one.place < 0) return;
      remove(one);
      sleep();
    },
    nowMs: () => time.nowMs(),
  };
}

/** The schedule of this process. */
export const schedule = openSchedule(realTime);
