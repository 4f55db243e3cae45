/** Number of readings of two clocks side by side: enough that at least one is not interrupted. */
const readings = 100;

/**
 * Difference of two clocks, `other` minus `own`, from the reading that took the shortest time. A process that loses its
 * CPU between two readings would be wrong by the time that it waited.
 */
export function offsetBetween(own: () => number, other: () => number): number {
  let shortest = Infinity;
  let offset = 0;
  for (let i = 0; i < readings; i++) {
    const before = own();
    const middle = other();
    const after = own();
    if (after - before >= shortest) continue;
    shortest = after - before;
    offset = middle - (before + after) / 2;
  }
  return offset;
}

/** Milliseconds to add to this process's `performance.now()` for the host's monotonic clock. */
const originMs = offsetBetween(
  () => performance.now(),
  () => Number(process.hrtime.bigint()) / 1e6,
);

/** Milliseconds on the host's monotonic clock, to the microsecond. Comparable between processes of one host. */
export function nowMs(): number {
  return originMs + performance.now();
}

/** Microseconds on the same clock. */
export function nowUs(): number {
  return nowMs() * 1000;
}

/**
 * Arrival time of the event that is being handled; NaN outside of one. An array, since a number in a variable would be
 * a new object each time.
 */
const arrived = new Float64Array([NaN]);

/**
 * Reads the clock once for an event in which bytes have arrived, and passes the bytes to `handlers.data`. During that
 * call `arrivalUs` returns this reading.
 */
export function timeArrival<From>(
  handlers: { data(from: From, start: number, end: number): void },
  from: From,
  start: number,
  end: number,
): void {
  arrived[0] = nowUs();
  try {
    handlers.data(from, start, end);
  } finally {
    arrived[0] = NaN;
  }
}

/**
 * Arrival time of the bytes that are being handled, in microseconds on the host's clock; the present time if the client
 * does not use `timeArrival`.
 */
export function arrivalUs(): number {
  const us = arrived[0]!;
  return Number.isNaN(us) ? nowUs() : us;
}
