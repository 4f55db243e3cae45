import { nowMs } from "./clock.ts";

/** Where time comes from; tests pass one of their own. */
export interface Time {
  nowMs(): number;
  /** Calls back in about so many milliseconds, early or late. What it returns calls it off. */
  after(ms: number, callback: () => void): () => void;
}

/** Something that happens at a time which can be changed. `ring` must not throw. */
export interface Alarm {
  /** Where it stands among all that are set; -1 where it is not. */
  place: number;
  ring(): void;
}

/** Any number of alarms on one timer. None rings early; one that is late rings as soon as it can. */
export interface Schedule {
  /** Times are milliseconds on the host's clock. */
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
  return { place: -1, ring };
}

/** An empty schedule: a binary heap, so that setting and ringing take time that grows with the logarithm of what is set. */
export function openSchedule(time: Time): Schedule {
  const heap: Alarm[] = [];
  /** When each of them rings: numbers by themselves, so that no alarm has to be fetched to be compared. */
  let dueMs = new Float64Array(64);
  let wakeMs = Infinity;
  let waking = false;
  let callOff = (): void => undefined;

  function put(one: Alarm, ms: number, place: number): void {
    heap[place] = one;
    dueMs[place] = ms;
    one.place = place;
  }

  /** Finds the place for an alarm that may stand too low, or too high, at this one. */
  function settle(one: Alarm, ms: number, from: number): void {
    let place = from;
    for (let above = (place - 1) >> 1; place > 0 && dueMs[above]! > ms; above = (place - 1) >> 1) {
      put(heap[above]!, dueMs[above]!, place);
      place = above;
    }
    for (;;) {
      let below = 2 * place + 1;
      if (below + 1 < heap.length && dueMs[below + 1]! < dueMs[below]!) below++;
      if (below >= heap.length || dueMs[below]! >= ms) break;
      put(heap[below]!, dueMs[below]!, place);
      place = below;
    }
    put(one, ms, place);
  }

  function remove(one: Alarm): void {
    const { place } = one;
    one.place = -1;
    const last = heap.pop()!;
    if (last !== one) settle(last, dueMs[heap.length]!, place);
  }

  function grow(): void {
    const longer = new Float64Array(2 * dueMs.length);
    longer.set(dueMs);
    dueMs = longer;
  }

  function wake(): void {
    wakeMs = Infinity;
    waking = true;
    const now = time.nowMs();
    while (heap.length > 0 && dueMs[0]! <= now) {
      const due = heap[0]!;
      remove(due);
      due.ring();
    }
    waking = false;
    sleep();
  }

  /** Sees to it that the timer is on for the first alarm, or off where there is none. */
  function sleep(): void {
    const firstMs = heap.length > 0 ? dueMs[0]! : Infinity;
    if (waking || firstMs === wakeMs) return;
    callOff();
    wakeMs = firstMs;
    callOff = firstMs === Infinity ? () => undefined : time.after(Math.ceil(firstMs - time.nowMs()), wake);
  }

  return {
    set(one, ms) {
      if (one.place < 0) one.place = heap.push(one) - 1;
      if (heap.length > dueMs.length) grow();
      settle(one, ms, one.place);
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
