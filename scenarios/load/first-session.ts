import type { Connection, ConnectionHandler } from "../contract.ts";
import { retryUntilAnswered } from "../lib/retry.ts";
import { startSession } from "./session.ts";

/** The session of a worker before the load. A failure of it fails the trial. */
export interface FirstSession {
  /** Connects. Rejects where that fails. */
  connect(): Promise<void>;
  /** Sends a message, waits for the answer and for the end of the connection. Rejects where one of them fails. */
  exchange(): Promise<void>;
}

const hello = Buffer.from("hello");

/**
 * A first session that waits for `timeoutMs` at most. A message that the transport may have lost is sent again after
 * `retryMs`; Infinity sends it once.
 */
export function openFirstSession(
  connect: (handler: ConnectionHandler) => Promise<Connection>,
  { timeoutMs, retryMs }: { timeoutMs: number; retryMs: number },
): FirstSession {
  const sending = retryUntilAnswered((to: Connection) => to.send(hello, true), retryMs);
  let connection: Connection | undefined;
  let answer: Buffer | undefined;
  let connected = (): void => undefined;
  let succeed = (): void => undefined;
  let fail = (_reason: string): void => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = (reason) => reject(new Error(`the first session failed: ${reason}`));
  });

  return {
    connect() {
      const ready = new Promise<void>((resolve) => (connected = resolve));
      const handler = {
        ready(opened: Connection) {
          connection = opened;
          connected();
        },
        received: (payload: Buffer) => void (answer ??= Buffer.from(payload)),
        failed: (reason: string) => fail(reason),
        ended() {
          sending.stop();
          if (answer?.equals(hello)) succeed();
          else fail(`"${hello.toString()}" was answered "${answer?.toString()}"`);
        },
      };
      startSession(connect, handler, timeoutMs);
      return Promise.race([ready, ended]);
    },
    exchange() {
      sending.send(connection!);
      return ended;
    },
  };
}
