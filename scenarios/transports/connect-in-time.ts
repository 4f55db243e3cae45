import type { Address, Connect, Connection, ConnectionHandler, Options } from "../contract.ts";
import { authority } from "../lib/addresses.ts";

/** Milliseconds beyond `handshakeMs` in which a client can say itself what failed. */
const graceMs = 1_000;

/**
 * Opens a connection, whatever the client does: rejects where it is not ready `handshakeMs` and one second after the
 * call. A connection that is ready later is closed.
 */
export function connectInTime(
  connect: Connect,
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const { handshakeMs } = options;
  return new Promise((resolve, reject) => {
    let late = false;
    const timeout = setTimeout(() => {
      late = true;
      reject(new Error(`the connection to ${authority(address)} was not ready within ${handshakeMs} ms`));
    }, handshakeMs + graceMs);
    const opened = (connection: Connection): void => (late ? connection.close() : resolve(connection));
    void connect(address, handler, options)
      .then(opened, reject)
      .finally(() => clearTimeout(timeout));
  });
}
