import type { Address, Inbox, Options } from "../../scenarios/contract.ts";
import { cursor } from "../../servers/lib/mailbox.ts";
import { receiveBatch } from "./batches.ts";
import type { Response } from "./http-head.ts";
import { requestHead } from "./http-requests.ts";
import { openLine, unexpected } from "./line.ts";
import type { Ticks } from "./ticks.ts";

/** How a polling client asks: an answer may be held for `holdMs`, and `rhythm` says when the next ask is due. */
export interface Manner {
  holdMs: number;
  rhythm(ask: () => void): Ticks;
}

/** The connection on which a session is asked for messages. */
export interface Asks {
  /** Waits for the first time that an ask is due. */
  begin(): void;
  /** Asks no more: only the messages that an ask on its way still brings are wanted. */
  leave(): void;
  destroy(): void;
}

/**
 * Asks for what comes after the messages that have been received. An ask that is cut off is repeated once. `ended` is called where
 * that fails too, where what comes is no batch, and without an error where the server says goodbye.
 */
export function openAsks(
  address: Address,
  inbox: Inbox,
  options: Options,
  path: string,
  { holdMs, rhythm }: Manner,
  ended: (error?: Error) => void,
): Asks {
  const target = `GET ${path}?after=`;
  const request = [requestHead(target + cursor(0), address, options)];
  const line = openLine(address, options, holdMs + options.handshakeMs, { answered, cutOff, refused });
  const due = rhythm(ask);
  let received = 0;
  let repeated = false;
  let leaving = false;

  function ask(): void {
    if (leaving) return;
    writeCursor(request[0]!, target.length, received);
    line.request(request);
  }

  function receive(payload: Buffer, text: boolean): void {
    received++;
    inbox.receive(payload, text);
  }

  function answered(response: Response): void {
    const { status } = response;
    repeated = false;
    if (status === 200) {
      try {
        receiveBatch(response, receive);
      } catch (error) {
        return ended(error as Error);
      }
    } else if (leaving) return;
    else if (status === 410) return ended();
    else if (status !== 204) return ended(unexpected(response, 200));
    if (!leaving) due.wait();
  }

  function cutOff(error: Error): void {
    if (leaving) return;
    if (repeated) return ended(error);
    repeated = true;
    ask();
  }

  function refused(error: Error): void {
    if (!leaving) ended(error);
  }

  return {
    begin: () => due.wait(),
    leave() {
      leaving = true;
      due.stop();
    },
    destroy() {
      leaving = true;
      due.stop();
      line.destroy();
    },
  };
}

const cursorBytes = cursor(0).length;

/** Writes a number over a smaller one, as `cursor` writes it. */
function writeCursor(bytes: Buffer, at: number, received: number): void {
  let rest = received;
  for (let place = at + cursorBytes - 1; place >= at; place--) {
    bytes[place] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
