/**
 * The times at which these clients of a trial may begin to connect, in microseconds, in their order: so many a second
 * over all clients, in the order in which clients join. Pure.
 */
export function connectTimes(
  clients: readonly number[],
  joinOrder: readonly number[],
  ratePerS: number,
  startUs: number,
): Float64Array {
  const places = new Map(joinOrder.map((client, place) => [client, place]));
  return Float64Array.from(clients, (client) => startUs + (1e6 * places.get(client)!) / ratePerS);
}

/** The same times, all as much later as the first of them is over at `nowUs`, so that none is made up for in a rush. */
export function notBefore(times: Float64Array, nowUs: number): Float64Array {
  const lateUs = Math.max(0, nowUs - (times[0] ?? Infinity));
  return times.map((timeUs) => timeUs + lateUs);
}
