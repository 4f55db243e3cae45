import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Address } from "../../../scenarios/contract.ts";
import { timeArrival } from "../../../scenarios/lib/clock.ts";
import { dial, type DialOptions } from "./dial.ts";
import { flushWrites, scheduleFlush, reserveSpace, type WriteQueue, type WriteSpace } from "./write-batch.ts";
import { viewOf, type BufferView } from "./buffer-views.ts";

/** What becomes of a connection's bytes and of its end. Neither may throw. */
export interface SocketHandlers {
  /** What has arrived: the bytes of `from` from `start` to before `end`, during the call only. The clock has been read: `arrivalUs`. */
  data(from: BufferView, start: number, end: number): void;
  /** Called once, after an open: with an error where the connection broke or was destroyed with one. */
  closed(error?: Error): void;
}

/*
 * A message that comes in on one of thousands of connections finds little of that connection in the processor's caches, and each object
 * that has to be fetched takes as long as a hundred instructions. So what is known of a connection lies in few objects, of classes whose
 * methods they share, and not in closures, each of which is an object with another one behind it.
 */

/** An open connection, on TCP or on TLS. After its end, what it is asked does nothing. */
export class RawConnection implements WriteQueue {
  /** Hands to others whatever comes from now on. */
  readonly handTo: (handlers: SocketHandlers) => void;
  readonly socket: Socket;
  readonly encrypts: boolean;
  waiting = false;
  from = 0;
  to = 0;
  next: WriteQueue | undefined;
  private open = true;
  private failure: Error | undefined;
  private expiry: NodeJS.Timeout | undefined;

  /** Takes over a socket that has just been opened. `closed` is called when it has ended, with an error where it broke. */
  constructor(socket: Socket, handTo: RawConnection["handTo"], closed: SocketHandlers["closed"]) {
    this.socket = socket;
    this.handTo = handTo;
    this.encrypts = socket instanceof TLSSocket;
    socket.on("end", () => (this.open = false));
    socket.on("error", (error) => (this.failure = error));
    socket.on("close", () => {
      this.open = false;
      clearTimeout(this.expiry);
      closed(this.failure);
    });
  }

  /** Space at the end of what this tick sends (see `reserve` of the outbox), to be filled before anything else is done. */
  reserve(bytes: number): WriteSpace {
    return reserveSpace(this, bytes);
  }

  /** Sends these bytes at once, after what was reserved before. They must not change until the other side has answered them. */
  write(bytes: Buffer): void {
    if (this.waiting) flushWrites();
    if (this.open) this.socket.write(bytes);
  }

  /** Says that nothing more will be sent, after what was reserved before. */
  end(): void {
    this.open = false;
    flushWrites();
    this.socket.end();
  }

  /** Ends the connection at once. What waits is lost. */
  destroy(error?: Error): void {
    this.open = false;
    this.socket.destroy(error);
  }

  /** Destroys it in so many milliseconds, with an error that says `why`, unless it has ended or another time is set before; Infinity sets none. */
  setExpiry(ms: number, why: string): void {
    clearTimeout(this.expiry);
    if (ms !== Infinity && !this.socket.destroyed)
      this.expiry = setTimeout(() => this.socket.destroy(new Error(why)), ms);
  }

  /** Makes the kernel ask after a silence of so many milliseconds whether the other side is there. */
  keepAlive(afterMs: number): void {
    this.socket.setKeepAlive(true, afterMs);
  }

  /** False from the end of either direction on. */
  isOpen(): boolean {
    return this.open;
  }
}

/**
 * What arrives on any connection is read into this one buffer: libuv asks for it, reads and calls back before it turns to the next
 * connection, so that an idle connection needs none of its own.
 */
const received = viewOf(Buffer.allocUnsafeSlow(64 * 1024));

/** Opens a connection. Rejects where nobody accepts within `timeoutMs`; then no handler is called. */
export async function openConnection(
  address: Address,
  timeoutMs: number,
  handlers: SocketHandlers,
  wishes: Omit<DialOptions, "onread"> = {},
): Promise<RawConnection> {
  // Of the callback's own scope: through the wire it would be one more object to be fetched for whatever arrives.
  let hearing = handlers;
  const onread = {
    buffer: received.bytes,
    callback(length: number) {
      scheduleFlush();
      timeArrival(hearing, received, 0, length);
      flushWrites();
      return true;
    },
  };
  const socket = await dial(address, timeoutMs, { ...wishes, onread });
  return new RawConnection(
    socket,
    (others) => void (hearing = others),
    (error) => hearing.closed(error),
  );
}
