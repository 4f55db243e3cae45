import { setTimeout as delay } from "node:timers/promises";
import { deadlineMs } from "../lib/until.ts";

/** The promise's outcome, or an error that names `event` if the promise is still pending after `deadlineMs`. */
export async function withinDeadline<T>(promise: Promise<T>, event: string): Promise<T> {
  const timer = new AbortController();
  const timeout = delay(deadlineMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`waited ${deadlineMs / 1000} s in vain until ${event}`);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    timeout.catch(() => undefined);
    timer.abort();
  }
}
