import type { ConnectionHandler, Connection } from "../contract.ts";
import { retryUntilAnswered } from "../lib/retry.ts";
import { startSession } from "./session.ts";

/** Somebody who tries a server out before a load of visits: what fails for a scout fails the trial. */
export interface FirstSession {
  /** Connects. Rejects where that fails. */
  connect(): Promise<void>;
  /** Says something, waits for the answer, says goodbye and waits for the link's end. Rejects where anything of it fails. */
  exchange(): Promise<void>;
}

const hello = Buffer.from("hello");

/** A scout that waits for `patienceMs` at most and says again after `againMs` what may have got lost; Infinity says it once. */
export function openFirstSession(
  connect: (handler: ConnectionHandler) => Promise<Connection>,
  { patienceMs: timeoutMs, againMs: retryMs }: { patienceMs: number; againMs: number },
): FirstSession {
  const asking = retryUntilAnswered((connection: Connection) => connection.send(hello, true), retryMs);
  let link: Connection | undefined;
  let answer: Buffer | undefined;
  let connected = (): void => undefined;
  let over = (_trouble?: string): void => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    over = (failure) => (failure === undefined ? resolve() : reject(new Error(`the first visitor: ${failure}`)));
  });

  function judge(): void {
    asking.stop();
    if (answer?.equals(hello)) over();
    else over(`said "${hello.toString()}" and was answered "${answer?.toString()}"`);
  }

  return {
    connect() {
      const ready = new Promise<void>((resolve) => (connected = resolve));
      const course = {
        ready(opened: Connection) {
          link = opened;
          connected();
        },
        received: (payload: Buffer) => void (answer ??= Buffer.from(payload)),
        failed: (reason: string) => over(reason),
        ended: judge,
      };
      startSession(connect, course, timeoutMs);
      return Promise.race([ready, ended]);
    },
    exchange() {
      asking.send(link!);
      return ended;
    },
  };
}
