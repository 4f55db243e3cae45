/** What a process's own `performance.now()` has to be raised by to agree with every other process of this host. */
const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds on the host's monotonic clock, comparable between processes of one host, to the microsecond. */
export function nowMs(): number {
  return originMs + performance.now();
}

/** Microseconds on the same clock. */
export function nowUs(): number {
  return nowMs() * 1000;
}
