import { parentPort, workerData } from "node:worker_threads";
import { nowUs } from "../lib/clock.ts";

/** A thread that rings at the time in its memory, once for each time that is set there. See `Alarm`. */
const memory = workerData as SharedArrayBuffer;
const [changes, dueUs] = [new Int32Array(memory, 0, 1), new Float64Array(memory, 8, 1)];

let rung = 0;
for (;;) {
  const change = Atomics.load(changes, 0);
  const waitMs = change === rung ? Infinity : (dueUs[0]! - nowUs()) / 1000;
  if (waitMs > 0) {
    Atomics.wait(changes, 0, change, waitMs);
  } else {
    rung = change;
    parentPort!.postMessage(undefined, []);
  }
}
