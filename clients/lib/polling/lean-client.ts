import type { Address, ConnectionHandler, Connection, Options } from "../../../scenarios/contract.ts";
import { openPollConnection, type PollConnection } from "./poll-connection.ts";
import type { PollTiming } from "./poll-timing.ts";
import { openSendConnection } from "./send-connection.ts";

/**
 * A client of the polling protocol with its own HTTP/1.1, whose requests equal undici's byte for byte. Like a browser,
 * it keeps two connections: one for polls and one for sends, so that no send waits for a held poll.
 */
export function connectLeanPolling(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  timing: PollTiming,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let polls: PollConnection | undefined;
    let closed = false;

    function ended(error?: Error): void {
      if (closed) return;
      closed = true;
      sends.destroy();
      polls?.destroy();
      if (polls) handler.closed(error);
      else reject(error);
    }

    const sends = openSendConnection(address, options, {
      opened(path) {
        polls = openPollConnection(address, handler, options, path, timing, ended);
        polls.start();
        resolve(sends);
      },
      closing: () => polls?.stop(),
      ended,
    });
  });
}
