import { nowMs } from "../../../scenarios/lib/clock.ts";

/** Where time comes from; tests pass one of their own. */
export interface TimeSource {
  nowMs(): number;
  /** Calls back in about so many milliseconds, early or late. What it returns calls it off. */
  after(ms: number, callback: () => void): () => void;
}

/** Something that happens at a time which can be changed. `ring` must not throw. */
export interface Timer {
  /** Its number among all that are set; -1 where it is not. */
  slot: number;
  fire(): void;
}

/** Any number of alarms on one timer. None rings early; one that is late rings as soon as it can. */
export interface TimerHeap {
  /** Times are milliseconds on the host's clock. */
  set(alarm: Timer, dueMs: number): void;
  clear(alarm: Timer): void;
  nowMs(): number;
}

const realTime: TimeSource = {
  nowMs,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** An alarm that is not set. */
export function createTimer(ring: () => void): Timer {
  return { slot: -1, fire: ring };
}

/** An empty schedule: a binary heap, so that setting and ringing take time that grows with the logarithm of what is set. */
export function openTimerHeap(time: TimeSource): TimerHeap {
  /*
   * Each alarm that is set has a slot, and the heap is one of slots, with their times beside them: what moves in it is numbers, and none of
   * thousands of alarms has to be fetched but the one that rings.
   */
  const alarms: (Timer | undefined)[] = [];
  const freeSlots: number[] = [];
  let heap = new Int32Array(64);
  let dueMs = new Float64Array(64);
  /** Where in the heap each slot stands. */
  let placeOf = new Int32Array(64);
  let size = 0;
  let wakeMs = Infinity;
  let waking = false;
  let callOff = (): void => undefined;

  function put(slot: number, ms: number, place: number): void {
    heap[place] = slot;
    dueMs[place] = ms;
    placeOf[slot] = place;
  }

  /** Finds the place for a slot that may stand too low, or too high, at this one. */
  function settle(slot: number, ms: number, from: number): void {
    let place = from;
    for (let above = (place - 1) >> 1; place > 0 && dueMs[above]! > ms; above = (place - 1) >> 1) {
      put(heap[above]!, dueMs[above]!, place);
      place = above;
    }
    for (;;) {
      let below = 2 * place + 1;
      if (below + 1 < size && dueMs[below + 1]! < dueMs[below]!) below++;
      if (below >= size || dueMs[below]! >= ms) break;
      put(heap[below]!, dueMs[below]!, place);
      place = below;
    }
    put(slot, ms, place);
  }

  /** Gives an alarm a slot, at the end of the heap. */
  function add(one: Timer): void {
    if (size === heap.length) grow();
    one.slot = freeSlots.pop() ?? alarms.length;
    alarms[one.slot] = one;
    placeOf[one.slot] = size++;
  }

  function remove(slot: number): Timer {
    const one = alarms[slot]!;
    one.slot = -1;
    alarms[slot] = undefined;
    freeSlots.push(slot);
    const last = heap[--size]!;
    if (last !== slot) settle(last, dueMs[size]!, placeOf[slot]!);
    return one;
  }

  function grow(): void {
    const [slots, times, places] = [heap, dueMs, placeOf];
    heap = new Int32Array(2 * size);
    dueMs = new Float64Array(2 * size);
    placeOf = new Int32Array(2 * size);
    heap.set(slots);
    dueMs.set(times);
    placeOf.set(places);
  }

  function wake(): void {
    wakeMs = Infinity;
    waking = true;
    const now = time.nowMs();
    while (size > 0 && dueMs[0]! <= now) remove(heap[0]!).fire();
    waking = false;
    sleep();
  }

  /** Sees to it that the timer is on for the first alarm, or off where there is none. */
  function sleep(): void {
    const firstMs = size > 0 ? dueMs[0]! : Infinity;
    if (waking || firstMs === wakeMs) return;
    callOff();
    wakeMs = firstMs;
    callOff = firstMs === Infinity ? () => undefined : time.after(Math.ceil(firstMs - time.nowMs()), wake);
  }

  return {
    set(one, ms) {
      if (one.slot < 0) add(one);
      settle(one.slot, ms, placeOf[one.slot]!);
      sleep();
    },
    clear(one) {
      if (one.slot < 0) return;
      remove(one.slot);
      sleep();
    },
    nowMs: () => time.nowMs(),
  };
}

/** The schedule of this process. */
export const timers = openTimerHeap(realTime);
