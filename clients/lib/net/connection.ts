import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Address } from "../../../scenarios/contract.ts";
import { timeArrival } from "../../../scenarios/lib/clock.ts";
import { dial, type DialOptions } from "./dial.ts";
import { flushWrites, scheduleFlush, reserveSpace, type WriteQueue, type WriteSpace } from "./write-batch.ts";
import { createBufferView, type BufferView } from "./buffer-views.ts";

/** Receiver of a connection's bytes and of its end. Its functions must not throw. */
export interface SocketHandlers {
  /**
   * Bytes have arrived: those of `from` from `start` to before `end`, during the call only. `arrivalUs` returns the
   * time of the read.
   */
  data(from: BufferView, start: number, end: number): void;
  /** Called once, after an open: with an error where the connection broke or was destroyed with one. */
  closed(error?: Error): void;
}

/*
 * With thousands of connections, the state of the connection that receives a message is rarely in the processor's
 * caches. Each object that has to be loaded costs as much as about a hundred instructions. So the state of a connection
 * lies in few objects. They are instances of classes, which share their methods; a closure would be an object of its
 * own, with a context object behind it.
 */

/** An open connection over TCP or TLS. After its end, all methods do nothing. */
export class RawConnection implements WriteQueue {
  /** Replaces the handlers. They receive everything that arrives from now on. */
  readonly setHandlers: (handlers: SocketHandlers) => void;
  readonly socket: Socket;
  readonly encrypts: boolean;
  waiting = false;
  from = 0;
  to = 0;
  next: WriteQueue | undefined;
  private open = true;
  private failure: Error | undefined;
  private expiry: NodeJS.Timeout | undefined;

  /** Takes over a socket that has just been opened. `closed` is called at its end, with an error where it broke. */
  constructor(socket: Socket, setHandlers: RawConnection["setHandlers"], closed: SocketHandlers["closed"]) {
    this.socket = socket;
    this.setHandlers = setHandlers;
    this.encrypts = socket instanceof TLSSocket;
    socket.on("end", () => (this.open = false));
    socket.on("error", (error) => (this.failure = error));
    socket.on("close", () => {
      this.open = false;
      clearTimeout(this.expiry);
      closed(this.failure);
    });
  }

  /**
   * Reserves space at the end of this tick's output (see `reserveSpace`). The caller fills it before it does anything
   * else.
   */
  reserve(bytes: number): WriteSpace {
    return reserveSpace(this, bytes);
  }

  /** Writes bytes at once, after what was reserved before. They must not change until the server has answered them. */
  write(bytes: Buffer): void {
    if (this.waiting) flushWrites();
    if (this.open) this.socket.write(bytes);
  }

  /** Ends the sending direction, after what was reserved before. */
  end(): void {
    this.open = false;
    flushWrites();
    this.socket.end();
  }

  /** Ends the connection at once. Output that has not left is lost. */
  destroy(error?: Error): void {
    this.open = false;
    this.socket.destroy(error);
  }

  /**
   * Destroys the connection after `ms` milliseconds with the error `message`. Replaces an earlier expiry; Infinity
   * removes it.
   */
  setExpiry(ms: number, message: string): void {
    clearTimeout(this.expiry);
    if (ms !== Infinity && !this.socket.destroyed)
      this.expiry = setTimeout(() => this.socket.destroy(new Error(message)), ms);
  }

  /** Turns on TCP keep-alive: the kernel probes the other side after a silence of `afterMs` milliseconds. */
  keepAlive(afterMs: number): void {
    this.socket.setKeepAlive(true, afterMs);
  }

  /** False as soon as either direction has ended. */
  isOpen(): boolean {
    return this.open;
  }
}

/**
 * The read buffer of all connections. libuv takes it, reads into it and calls back before it turns to the next
 * connection, so that an idle connection needs no buffer of its own.
 */
const readBuffer = createBufferView(Buffer.allocUnsafeSlow(64 * 1024));

/** Opens a connection. Rejects where the server does not accept within `timeoutMs`; then no handler is called. */
export async function openConnection(
  address: Address,
  timeoutMs: number,
  handlers: SocketHandlers,
  options: Omit<DialOptions, "onread"> = {},
): Promise<RawConnection> {
  // In the callback's own scope: a field of the RawConnection would be one more object to load for every read.
  let current = handlers;
  const onread = {
    buffer: readBuffer.bytes,
    callback(length: number) {
      scheduleFlush();
      timeArrival(current, readBuffer, 0, length);
      flushWrites();
      return true;
    },
  };
  const socket = await dial(address, timeoutMs, { ...options, onread });
  return new RawConnection(
    socket,
    (others) => void (current = others),
    (error) => current.closed(error),
  );
}
