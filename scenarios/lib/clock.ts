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

/** A clock as a straight line over the clock of this host: `offsetUs` more at `atUs`, and faster by `ppm`. */
export interface LinearClock {
  offsetUs: number;
  ppm: number;
  atUs: number;
}

const clockVariable = "TRANSPORT_BENCH_CLOCK";

/**
 * Environment of a process that shall use another clock than its host's, from its first instruction to its last. A host
 * that is not the bench's starts the processes of a trial with it.
 */
export function clockEnvironment({ offsetUs, ppm, atUs }: LinearClock): Record<string, string> {
  return { [clockVariable]: JSON.stringify({ offsetUs, ppm, atUs }) };
}

/** The clock in an environment; undefined without one. Throws where it is none. */
export function clockIn(environment: Readonly<Record<string, string | undefined>>): LinearClock | undefined {
  const text = environment[clockVariable];
  if (text === undefined) return undefined;
  const { offsetUs, ppm, atUs } = JSON.parse(text) as LinearClock;
  if (![offsetUs, ppm, atUs].every(Number.isFinite)) throw new Error(`${clockVariable} is no clock: ${text}`);
  return { offsetUs, ppm, atUs };
}

/** The clock that shows what `then` makes of the times of `first`, which is a line over the host's clock. Pure. */
export function chainClocks(first: LinearClock | undefined, then: LinearClock): LinearClock {
  if (!first) return then;
  const [ofFirst, ofThen] = [first.ppm / 1e6, then.ppm / 1e6];
  const offsetUs = first.offsetUs + then.offsetUs + (first.atUs + first.offsetUs - then.atUs) * ofThen;
  return { offsetUs, ppm: (ofFirst + ofThen + ofFirst * ofThen) * 1e6, atUs: first.atUs };
}

/** Slope and intercept of a clock, in milliseconds, over `performance.now()` with this origin on the host's clock. */
export function lineOver(originMs: number, clock: LinearClock | undefined): { rate: number; interceptMs: number } {
  if (!clock) return { rate: 1, interceptMs: originMs };
  const perMs = clock.ppm / 1e6;
  const interceptMs = originMs + clock.offsetUs / 1000 + (originMs - clock.atUs / 1000) * perMs;
  return { rate: 1 + perMs, interceptMs };
}

/**
 * Both are constant for the life of the process. With the host's own clock the rate is 1, and the optimizing compiler
 * leaves the multiplication out.
 */
const { rate, interceptMs } = lineOver(
  offsetBetween(
    () => performance.now(),
    () => Number(process.hrtime.bigint()) / 1e6,
  ),
  clockIn(process.env),
);

/**
 * Milliseconds on the host's monotonic clock, to the microsecond; on that of the bench where the process has another
 * one. Comparable between the processes of a trial.
 */
export function nowMs(): number {
  return interceptMs + performance.now() * rate;
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
 * Calls `deliver` for a message that another program received at `atUs`, on the host's clock: during that call
 * `arrivalUs` returns this time. A page of a browser is such a program.
 */
export function deliverAsOf(atUs: number, deliver: () => void): void {
  arrived[0] = atUs;
  try {
    deliver();
  } finally {
    arrived[0] = NaN;
  }
}

/**
 * Arrival time of the bytes that are being handled, in microseconds on the host's clock; the present time if the client
 * uses neither `timeArrival` nor `deliverAsOf`.
 */
export function arrivalUs(): number {
  const us = arrived[0]!;
  return Number.isNaN(us) ? nowUs() : us;
}
