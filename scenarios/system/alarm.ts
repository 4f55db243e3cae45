import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Shared with the thread: how often a time was set (4 bytes), and that time (8 bytes, aligned). */
const memoryBytes = 16;

/**
 * An alarm that is never early, and late by some 100 us on an idle machine: Node's timers are late by up to 1,000 us, and
 * to spin would take a core. A thread sleeps until the time and wakes this one.
 */
export interface Alarm {
  /** Rings at this time at the latest. A later time than the one that is set changes nothing. */
  set(dueUs: number): void;
}

/** Starts an alarm. The process does not end while it is there, except by `process.exit`. */
export async function openAlarm(ring: () => void): Promise<Alarm> {
  const memory = new SharedArrayBuffer(memoryBytes);
  const [changes, due] = [new Int32Array(memory, 0, 1), new Float64Array(memory, 8, 1)];
  let setUs = Infinity;
  const thread = new Worker(new URL("alarm-thread.js", import.meta.url), { workerData: memory });
  thread.on("message", () => {
    setUs = Infinity;
    ring();
  });
  await once(thread, "online");
  return {
    set(dueUs) {
      if (dueUs >= setUs) return;
      setUs = dueUs;
      due[0] = dueUs;
      Atomics.add(changes, 0, 1);
      Atomics.notify(changes, 0);
    },
  };
}
