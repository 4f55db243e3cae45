import { connect, type Socket } from "node:net";
import type { Address } from "../../scenarios/contract.ts";

/** An open TCP connection that sends at once (TCP_NODELAY). Rejects where nobody accepts within `timeoutMs`. */
export function dial({ host, port }: Address, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer from ${host}:${port} in ${timeoutMs} ms`)));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}
