import type { Address, Options } from "../../scenarios/contract.ts";
import { arrivalUs } from "./clock.ts";
import { openReading, type Reading, type Response } from "./http-head.ts";
import { expectResponse, read, readEnd } from "./http-response.ts";
import { alarm, schedule } from "./schedule.ts";
import { openWire, type Handlers, type Wire } from "./wire.ts";

/** What comes of a request: just one of these is called. None may throw; each may make the next request. */
export interface Outcome {
  /** The response is good during the call only. */
  answered(response: Response): void;
  /** The connection could not be opened, broke or was closed, or the response did not come in time. */
  cutOff(error: Error): void;
  /** What came is no response. It may also come where no request was made. */
  refused(error: Error): void;
}

/** A connection on which requests are made one after another. It is opened for the first and, where it was closed meanwhile, again. */
export interface Line {
  /** Sends the pieces of a request, which must not change until it is answered. The last one must have been answered. */
  request(pieces: readonly Buffer[]): void;
  /** Closes the connection. No outcome is told any more. */
  destroy(): void;
}

/** How long before the server closes an idle connection it is used no more: as in undici, so that no request meets its end. */
const marginMs = 2_000;

/** A batch's bytes, at worst: six for one of a payload (`\u0000`), and three for the quotes and the comma of an empty one. */
function maxBodyBytes({ queueBytes }: Options): number {
  return 6 * queueBytes + 2;
}

/** A response's body as a string. */
export function textOf({ from, start, end }: Response): string {
  return from.view(start, end).toString();
}

/** That another status was due. */
export function unexpected(response: Response, status: number): Error {
  return new Error(`the polling server answered ${response.status} where ${status} was due: ${textOf(response)}`);
}

/** Requests on one connection. A response may take `patienceMs` to begin, and its body may pause for `handshakeMs`. */
export function openLine(address: Address, options: Options, patienceMs: number, outcome: Outcome): Line {
  let wire: Wire | undefined;
  let reading: Reading | undefined;
  let request: readonly Buffer[] = [];
  let waiting = false;
  let destroyed = false;
  let deadlineMs = 0;
  let staleMs = 0;
  const timeout = alarm(() => {
    if (!waiting) return;
    if (schedule.nowMs() < deadlineMs) schedule.set(timeout, deadlineMs);
    else cutOff(new Error(`the server has not answered in ${reading?.begun ? options.handshakeMs : patienceMs} ms`));
  });

  /** The alarm is set for the first of many deadlines, and looks for the last when it rings. */
  function allow(ms: number): void {
    deadlineMs = arrivalUs() / 1000 + ms;
    if (timeout.dueMs > deadlineMs) schedule.set(timeout, deadlineMs);
  }

  function hangUp(): void {
    const last = wire;
    wire = reading = undefined;
    last?.destroy();
  }

  function cutOff(error: Error): void {
    hangUp();
    waiting = false;
    outcome.cutOff(error);
  }

  async function open(): Promise<void> {
    const mine = openReading(maxBodyBytes(options), {
      answered(response) {
        waiting = false;
        staleMs = arrivalUs() / 1000 + (response.keptS < 0 ? options.idleMs : 1000 * response.keptS - marginMs);
        if (!response.keeps) hangUp();
        outcome.answered(response);
      },
      refused(error) {
        hangUp();
        waiting = false;
        outcome.refused(error);
      },
    });
    try {
      const handlers: Handlers = {
        data(from, start, end) {
          if (mine !== reading) return;
          read(mine, from, start, end);
          if (mine.begun) allow(options.handshakeMs);
        },
        closed(error) {
          if (mine !== reading) return;
          if (!error) readEnd(mine);
          if (mine !== reading) return;
          hangUp();
          if (waiting) cutOff(error ?? new Error("the server closed the connection before it had answered"));
        },
      };
      const opened = await openWire(address, options.handshakeMs, handlers, { alpn: "http/1.1" });
      if (destroyed) return opened.destroy();
      wire = opened;
      reading = mine;
      send(opened, mine);
    } catch (error) {
      if (!destroyed) cutOff(error as Error);
    }
  }

  function send(on: Wire, expecting: Reading): void {
    expectResponse(expecting);
    allow(patienceMs);
    let bytes = 0;
    for (const piece of request) bytes += piece.length;
    const space = on.reserve(bytes);
    let { at } = space;
    for (const piece of request) at += piece.copy(space.bytes, at);
  }

  return {
    request(pieces) {
      request = pieces;
      waiting = true;
      if (wire && (!wire.isOpen() || arrivalUs() / 1000 >= staleMs)) hangUp();
      if (wire && reading) return send(wire, reading);
      allow(options.handshakeMs + patienceMs); // opening has a time-out of its own
      void open();
    },
    destroy() {
      destroyed = true;
      waiting = false;
      schedule.clear(timeout);
      hangUp();
    },
  };
}
