import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Address } from "../contract.ts";

/** Milliseconds between two attempts to connect. */
const retryMs = 20;
/** Milliseconds until an attempt to connect has failed. */
const attemptMs = 1_000;

/** Resolves when `condition` holds, or `signal` aborts. The condition is read again and again. */
export async function untilTrue(condition: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await condition())) await delay(retryMs);
}

/** True if a TCP or Unix server accepts a connection at the address. The connection ends at once. */
export function accepts({ host, port, socketPath }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath === undefined ? { host, port } : { path: socketPath }, () => {
      socket.resume().end().unref(); // end with a FIN, as a client does, not with a reset
      resolve(true);
    });
    socket.setTimeout(attemptMs, () => socket.destroy());
    socket.on("error", () => undefined).on("close", () => resolve(false));
  });
}
