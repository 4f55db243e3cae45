import type { Address, Inbox, Link, Options } from "../../../scenarios/contract.ts";
import { openAsks, type Asks, type Manner } from "./poll-connection.ts";
import { openSends } from "./send-connection.ts";

/**
 * A client of the polling protocol that writes its requests and reads their responses itself, to the byte as undici does. It keeps two
 * connections, as a browser would: on one it asks, on the other it sends, so that no send waits behind a held ask.
 */
export function connectPolling(address: Address, inbox: Inbox, options: Options, manner: Manner): Promise<Link> {
  return new Promise((resolve, reject) => {
    let asks: Asks | undefined;
    let over = false;

    function ended(error?: Error): void {
      if (over) return;
      over = true;
      sends.destroy();
      asks?.destroy();
      if (asks) inbox.closed(error);
      else reject(error);
    }

    const sends = openSends(address, options, {
      joined(path) {
        asks = openAsks(address, inbox, options, path, manner, ended);
        asks.begin();
        resolve(sends);
      },
      leaving: () => asks?.leave(),
      ended,
    });
  });
}
