import { nowMs } from "../../../scenarios/lib/clock.ts";

/** The clock and timer behind a heap. Tests pass their own. */
export interface TimeSource {
  nowMs(): number;
  /** Calls back after about `ms` milliseconds, maybe early or late. The result cancels the call. */
  after(ms: number, callback: () => void): () => void;
}

/** A callback at a time that can be changed. `fire` must not throw. */
export interface Timer {
  /** Index among the timers that are set; -1 while the timer is not set. */
  slot: number;
  fire(): void;
}

/** Any number of timers on one timer of the system. None fires early. A late one fires as soon as possible. */
export interface TimerHeap {
  /** Sets or moves a timer. Times are milliseconds on the host's clock. */
  set(timer: Timer, dueMs: number): void;
  clear(timer: Timer): void;
  nowMs(): number;
}

const systemTime: TimeSource = {
  nowMs,
  after(ms, callback) {
    const timeout = setTimeout(callback, ms);
    return () => clearTimeout(timeout);
  },
};

/** A timer that is not set. */
export function createTimer(fire: () => void): Timer {
  return { slot: -1, fire };
}

/** An empty binary heap of timers: to set, clear or fire one of n timers takes O(log n). */
export function openTimerHeap(time: TimeSource): TimerHeap {
  /*
   * Each timer that is set has a slot. The heap holds slots, with their due times beside them. So only numbers move in
   * the heap, and of thousands of timers only the one that fires has to be loaded.
   */
  const timersBySlot: (Timer | undefined)[] = [];
  const freeSlots: number[] = [];
  let heap = new Int32Array(64);
  let dueMs = new Float64Array(64);
  /** Position in the heap by slot. */
  let positionOf = new Int32Array(64);
  let size = 0;
  let wakeMs = Infinity;
  let firing = false;
  let cancelWake = (): void => undefined;

  function put(slot: number, ms: number, position: number): void {
    heap[position] = slot;
    dueMs[position] = ms;
    positionOf[slot] = position;
  }

  /** Moves a slot up or down from position `from` until the heap is in order. */
  function sift(slot: number, ms: number, from: number): void {
    let position = from;
    for (let parent = (position - 1) >> 1; position > 0 && dueMs[parent]! > ms; parent = (position - 1) >> 1) {
      put(heap[parent]!, dueMs[parent]!, position);
      position = parent;
    }
    for (;;) {
      let child = 2 * position + 1;
      if (child + 1 < size && dueMs[child + 1]! < dueMs[child]!) child++;
      if (child >= size || dueMs[child]! >= ms) break;
      put(heap[child]!, dueMs[child]!, position);
      position = child;
    }
    put(slot, ms, position);
  }

  /** Gives a timer a slot, at the end of the heap. */
  function add(timer: Timer): void {
    if (size === heap.length) grow();
    timer.slot = freeSlots.pop() ?? timersBySlot.length;
    timersBySlot[timer.slot] = timer;
    positionOf[timer.slot] = size++;
  }

  function remove(slot: number): Timer {
    const timer = timersBySlot[slot]!;
    timer.slot = -1;
    timersBySlot[slot] = undefined;
    freeSlots.push(slot);
    const last = heap[--size]!;
    if (last !== slot) sift(last, dueMs[size]!, positionOf[slot]!);
    return timer;
  }

  function grow(): void {
    const [slots, times, positions] = [heap, dueMs, positionOf];
    heap = new Int32Array(2 * size);
    dueMs = new Float64Array(2 * size);
    positionOf = new Int32Array(2 * size);
    heap.set(slots);
    dueMs.set(times);
    positionOf.set(positions);
  }

  function wake(): void {
    wakeMs = Infinity;
    firing = true;
    const now = time.nowMs();
    while (size > 0 && dueMs[0]! <= now) remove(heap[0]!).fire();
    firing = false;
    scheduleWake();
  }

  /** Sets the system's timer for the first timer, or cancels it where there is none. */
  function scheduleWake(): void {
    const firstMs = size > 0 ? dueMs[0]! : Infinity;
    if (firing || firstMs === wakeMs) return;
    cancelWake();
    wakeMs = firstMs;
    cancelWake = firstMs === Infinity ? () => undefined : time.after(Math.ceil(firstMs - time.nowMs()), wake);
  }

  return {
    set(timer, ms) {
      if (timer.slot < 0) add(timer);
      sift(timer.slot, ms, positionOf[timer.slot]!);
      scheduleWake();
    },
    clear(timer) {
      if (timer.slot < 0) return;
      remove(timer.slot);
      scheduleWake();
    },
    nowMs: () => time.nowMs(),
  };
}

/** The timers of this process. */
export const timers = openTimerHeap(systemTime);
