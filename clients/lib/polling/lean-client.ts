import type { Address, ConnectionHandler, Connection, Options } from "../../../scenarios/contract.ts";
import { openPollConnection, type PollConnection, type PollTiming } from "./poll-connection.ts";
import { openSendConnection } from "./send-connection.ts";

/**
 * A client of the polling protocol that writes its requests and reads their responses itself, to the byte as undici does. It keeps two
 * connections, as a browser would: on one it asks, on the other it sends, so that no send waits behind a held ask.
 */
export function connectLeanPolling(
  address: Address,
  inbox: ConnectionHandler,
  options: Options,
  manner: PollTiming,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let asks: PollConnection | undefined;
    let over = false;

    function ended(error?: Error): void {
      if (over) return;
      over = true;
      sends.destroy();
      asks?.destroy();
      if (asks) inbox.closed(error);
      else reject(error);
    }

    const sends = openSendConnection(address, options, {
      joined(path) {
        asks = openPollConnection(address, inbox, options, path, manner, ended);
        asks.begin();
        resolve(sends);
      },
      leaving: () => asks?.leave(),
      ended,
    });
  });
}
