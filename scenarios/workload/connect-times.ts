/**
 * The times at which clients in these places of the join order may begin to connect, in microseconds: so many a second
 * over all clients. Pure.
 */
export function connectTimes(joinPlaces: ArrayLike<number>, ratePerS: number, startUs: number): Float64Array {
  return Float64Array.from(joinPlaces, (place) => startUs + (1e6 * place) / ratePerS);
}

/** The same times, all as much later as the first of them is over at `nowUs`, so that none is made up for in a rush. */
export function notBefore(times: Float64Array, nowUs: number): Float64Array {
  const lateUs = Math.max(0, nowUs - (times[0] ?? Infinity));
  return times.map((timeUs) => timeUs + lateUs);
}
