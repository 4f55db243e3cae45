import type { Address } from "../../scenarios/contract.ts";
import { timeArrival } from "./clock.ts";
import { dial, type Wishes } from "./dial.ts";
import { flush, openOutbox, reserve, type Space } from "./outbox.ts";
import { viewed, type Viewed } from "./viewed.ts";

/** What becomes of a connection's bytes and of its end. Neither may throw. Another `data` may be set at any time. */
export interface Handlers {
  /** What has arrived: the bytes of `from` from `start` to before `end`, during the call only. The clock has been read: `arrivalUs`. */
  data(from: Viewed, start: number, end: number): void;
  /** Called once, after an open: with an error where the connection broke or was destroyed with one. */
  closed(error?: Error): void;
}

/** An open connection, on TCP or on TLS. After its end, what it is asked does nothing. */
export interface Wire {
  /** Space at the end of what this tick sends (see `reserve` of the outbox), to be filled before anything else is done. */
  reserve(bytes: number): Space;
  /** Says that nothing more will be sent, after what was reserved before. */
  end(): void;
  /** Ends the connection at once. What waits is lost. */
  destroy(error?: Error): void;
  /** Destroys it in so many milliseconds, with an error that says `why`, unless it has ended or another time is set before; Infinity sets none. */
  expireIn(ms: number, why: string): void;
  /** Makes the kernel ask after a silence of so many milliseconds whether the other side is there. */
  keepAlive(afterMs: number): void;
  /** False from the end of either direction on. */
  isOpen(): boolean;
}

/**
 * What arrives on any connection is read into this one buffer: libuv asks for it, reads and calls back before it turns to the next
 * connection, so that an idle connection needs none of its own.
 */
const received = viewed(Buffer.allocUnsafeSlow(64 * 1024));

/** Opens a connection. Rejects where nobody accepts within `timeoutMs`; then no handler is called. */
export async function openWire(
  address: Address,
  timeoutMs: number,
  handlers: Handlers,
  wishes: Omit<Wishes, "onread"> = {},
): Promise<Wire> {
  const onread = {
    buffer: received.bytes,
    callback(length: number) {
      timeArrival(handlers.data, received, 0, length);
      return true;
    },
  };
  const socket = await dial(address, timeoutMs, { ...wishes, onread });
  const outbox = openOutbox(socket);
  let open = true;
  let failure: Error | undefined;
  let expiry: NodeJS.Timeout | undefined;
  socket.on("end", () => (open = false));
  socket.on("error", (error) => (failure = error));
  socket.on("close", () => {
    open = false;
    clearTimeout(expiry);
    handlers.closed(failure);
  });
  return {
    reserve: (bytes) => reserve(outbox, bytes),
    end() {
      open = false;
      flush();
      socket.end();
    },
    destroy(error) {
      open = false;
      socket.destroy(error);
    },
    expireIn(ms, why) {
      clearTimeout(expiry);
      if (ms !== Infinity && !socket.destroyed) expiry = setTimeout(() => socket.destroy(new Error(why)), ms);
    },
    keepAlive: (afterMs) => void socket.setKeepAlive(true, afterMs),
    isOpen: () => open,
  };
}
