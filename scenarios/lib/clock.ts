/** How often the two clocks are read side by side: once in so many, nothing comes between the readings. */
const readings = 100;

/**
 * How far `other` is ahead of `own`, from the pair of readings that nothing came between: a process that loses its CPU between two
 * readings would be off by as long as it waited.
 */
export function offsetBetween(own: () => number, other: () => number): number {
  let [tightest, offset] = [Infinity, 0];
  for (let i = 0; i < readings; i++) {
    const before = own();
    const middle = other();
    const after = own();
    if (after - before >= tightest) continue;
    tightest = after - before;
    offset = middle - (before + after) / 2;
  }
  return offset;
}

/** What a process's own `performance.now()` has to be raised by to agree with every other process of this host. */
const originMs = offsetBetween(
  () => performance.now(),
  () => Number(process.hrtime.bigint()) / 1e6,
);

/** Milliseconds on the host's monotonic clock, comparable between processes of one host, to the microsecond. */
export function nowMs(): number {
  return originMs + performance.now();
}

/** Microseconds on the same clock. */
export function nowUs(): number {
  return nowMs() * 1000;
}

/** The reading of the event that is being handled; NaN outside of one. In an array, as a variable would be a new object each time. */
const arrived = new Float64Array([NaN]);

/**
 * Reads the clock once for an event in which bytes have arrived and hands them on: for as long as that call takes, and no longer,
 * `arrivalUs` answers this reading.
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

/** When the bytes that are being handled arrived, on the host's clock; now, where their client does not time them. */
export function arrivalUs(): number {
  const us = arrived[0]!;
  return Number.isNaN(us) ? nowUs() : us;
}
