import type { Address, Inbox, Options } from "../../scenarios/contract.ts";
import { cursor } from "../../servers/lib/mailbox.ts";
import { receiveBatch } from "./batches.ts";
import type { Response } from "./http-head.ts";
import { requestHead } from "./http-requests.ts";
import { openLine, unexpected, type Line, type Outcome } from "./line.ts";
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
  manner: Manner,
  ended: (error?: Error) => void,
): Asks {
  return new Asking(address, inbox, options, path, manner, ended);
}

class Asking implements Asks, Outcome {
  private readonly inbox: Inbox;
  private readonly ended: (error?: Error) => void;
  private readonly request: Buffer;
  /** Where in the request the number stands of messages that have been received. */
  private readonly cursorAt: number;
  private readonly line: Line;
  private readonly due: Ticks;
  private received = 0;
  private repeated = false;
  private leaving = false;

  constructor(
    address: Address,
    inbox: Inbox,
    options: Options,
    path: string,
    { holdMs, rhythm }: Manner,
    ended: (error?: Error) => void,
  ) {
    const target = `GET ${path}?after=`;
    this.inbox = inbox;
    this.ended = ended;
    this.request = requestHead(target + cursor(0), address, options);
    this.cursorAt = target.length;
    this.line = openLine(address, options, holdMs + options.handshakeMs, this);
    this.due = rhythm(() => this.ask());
  }

  begin(): void {
    this.due.wait();
  }

  leave(): void {
    this.leaving = true;
    this.due.stop();
  }

  destroy(): void {
    this.leave();
    this.line.destroy();
  }

  receive(payload: Buffer, text: boolean): void {
    this.received++;
    this.inbox.receive(payload, text);
  }

  answered(response: Response): void {
    const { status } = response;
    this.repeated = false;
    if (status === 200) {
      try {
        receiveBatch(response, this);
      } catch (error) {
        return this.ended(error as Error);
      }
    } else if (this.leaving) return;
    else if (status === 410) return this.ended();
    else if (status !== 204) return this.ended(unexpected(response, 200));
    if (!this.leaving) this.due.wait();
  }

  cutOff(error: Error): void {
    if (this.leaving) return;
    if (this.repeated) return this.ended(error);
    this.repeated = true;
    this.ask();
  }

  refused(error: Error): void {
    if (!this.leaving) this.ended(error);
  }

  private ask(): void {
    if (this.leaving) return;
    writeCursor(this.request, this.cursorAt, this.received);
    this.line.request(this.request);
  }
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
