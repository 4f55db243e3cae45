import { connect, type OnReadOpts, type Socket } from "node:net";
import type { Address } from "../../scenarios/contract.ts";

/**
 * An open TCP connection that sends at once (TCP_NODELAY). What arrives goes to `onread` where that is given, else to the socket's
 * "data" event. Rejects where nobody accepts within `timeoutMs`.
 */
export function dial({ host, port }: Address, timeoutMs: number, onread?: OnReadOpts): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, ...(onread && { onread }) });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer from ${host}:${port} in ${timeoutMs} ms`)));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      socket.removeAllListeners("timeout").setTimeout(0);
      resolve(socket);
    });
  });
}
