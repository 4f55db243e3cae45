import type { Address, ConnectionHandler, Connection, Options } from "../../../scenarios/contract.ts";
import { openPollConnection, type PollConnection, type PollTiming } from "./poll-connection.ts";
import { openSendConnection } from "./send-connection.ts";

/**
 * A client of the polling protocol that writes its requests and reads their responses itself, to the byte as undici does. It keeps two
 * connections, as a browser would: on one it asks, on the other it sends, so that no send waits behind a held ask.
 */
export function connectLeanPolling(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  manner: PollTiming,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let polls: PollConnection | undefined;
    let over = false;

    function ended(error?: Error): void {
      if (over) return;
      over = true;
      sends.destroy();
      polls?.destroy();
      if (polls) handler.closed(error);
      else reject(error);
    }

    const sends = openSendConnection(address, options, {
      joined(path) {
        polls = openPollConnection(address, handler, options, path, manner, ended);
        polls.begin();
        resolve(sends);
      },
      leaving: () => polls?.leave(),
      ended,
    });
  });
}
