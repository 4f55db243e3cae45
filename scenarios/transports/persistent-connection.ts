import type { Connection, ConnectionHandler, Options } from "../contract.ts";
import { backoffMs, windowOf, type BackoffWindow } from "../lib/backoff.ts";

/** Opens a connection once. */
type Open = (handler: ConnectionHandler) => Promise<Connection>;

/**
 * A connection that is opened again whenever it breaks, until `close`. The first attempt is the caller's: where it fails,
 * the promise rejects. Messages that are sent while it is open to nobody are lost, as on a closed connection.
 */
class PersistentConnection implements Connection, ConnectionHandler {
  private readonly open: Open;
  private readonly handler: ConnectionHandler;
  private readonly window: BackoffWindow;
  private readonly random: () => number;
  private current: Connection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private attempts = 0;
  private isReady = false;
  private isLost = false;
  private isClosing = false;

  constructor(open: Open, handler: ConnectionHandler, window: BackoffWindow, random: () => number) {
    this.open = open;
    this.handler = handler;
    this.window = window;
    this.random = random;
  }

  async start(): Promise<Connection> {
    this.current = await this.open(this);
    this.isReady = true;
    return this;
  }

  send(payload: Buffer, text: boolean): void {
    this.current?.send(payload, text);
  }

  close(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    clearTimeout(this.timer);
    if (this.current) this.current.close();
    else if (this.timer) this.handler.closed();
  }

  receive(payload: Buffer, text: boolean, receivedBytes?: number): void {
    this.handler.receive(payload, text, receivedBytes);
  }

  /** A half that comes back by itself says so. */
  lost(): void {
    if (this.isLost) return;
    this.isLost = true;
    this.handler.lost?.();
  }

  back(resumed: boolean): void {
    this.isLost = false;
    this.handler.back?.(resumed);
  }

  closed(error?: Error): void {
    this.current = undefined;
    if (this.isClosing || !this.isReady) return this.handler.closed(error);
    this.lost();
    this.attempts = 0;
    this.retry();
  }

  private retry(): void {
    if (this.isClosing) return this.handler.closed();
    const waitMs = backoffMs(this.window, this.attempts++, this.random);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.attempt();
    }, waitMs);
  }

  private async attempt(): Promise<void> {
    let hasEnded = false;
    // An attempt that fails may call `closed` and reject: only one of them counts.
    const attempt: ConnectionHandler = {
      receive: (payload, text, receivedBytes) => this.receive(payload, text, receivedBytes),
      lost: () => this.lost(),
      back: (resumed) => this.back(resumed),
      closed: (error) => {
        hasEnded = true;
        if (this.current) this.closed(error);
      },
    };
    try {
      const connection = await this.open(attempt);
      if (hasEnded) return this.retry();
      this.current = connection;
      if (this.isClosing) return connection.close();
      this.back(false);
    } catch {
      this.retry();
    }
  }
}

/** Opens a connection that lasts: once it was open, it is opened again whenever it breaks, until it is closed. */
export function openPersistent(
  open: Open,
  handler: ConnectionHandler,
  reconnect: NonNullable<Options["reconnect"]>,
  random: () => number,
): Promise<Connection> {
  return new PersistentConnection(open, handler, windowOf(reconnect), random).start();
}
