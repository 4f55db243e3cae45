import type { Connection, ConnectionHandler, Options } from "../contract.ts";
import { backoffMs, windowOf, type BackoffWindow } from "../lib/backoff.ts";
import type { Transport } from "./transport.ts";

/** Opens a connection once. */
type Open = (handler: ConnectionHandler) => Promise<Connection>;

/**
 * A connection that is opened again whenever it breaks, until `close`. The first attempt is the caller's: where it fails,
 * the promise rejects. Messages that are sent while it is open to nobody are lost, as on a closed connection.
 */
class PersistentConnection implements Connection {
  private readonly open: Open;
  private readonly handler: ConnectionHandler;
  private readonly window: BackoffWindow;
  private readonly random: () => number;
  private current: Connection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private attempts = 0;
  private isLost = false;
  private isClosing = false;

  constructor(open: Open, handler: ConnectionHandler, window: BackoffWindow, random: () => number) {
    this.open = open;
    this.handler = handler;
    this.window = window;
    this.random = random;
  }

  async start(): Promise<Connection> {
    const ended = await this.openOnce();
    if (ended) throw ended.error ?? new Error("the connection ended before it was ready");
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

  /** Opens the connection once. Resolves to how it ended where that was before it was ready. */
  private async openOnce(): Promise<{ error: Error | undefined } | undefined> {
    let [isOpen, ended]: [boolean, { error: Error | undefined } | undefined] = [false, undefined];
    // An attempt that fails may call `closed` and reject: only one of them counts.
    const attempt: ConnectionHandler = {
      receive: (payload, text, receivedBytes) => this.handler.receive(payload, text, receivedBytes),
      // A half that comes back by itself says so.
      lost: () => this.lost(),
      back: (resumed) => this.back(resumed),
      closed: (error) => {
        ended = { error };
        if (isOpen) this.closed(error);
      },
    };
    const connection = await this.open(attempt);
    if (ended) return ended;
    isOpen = true;
    this.current = connection;
    return undefined;
  }

  private lost(): void {
    if (this.isLost) return;
    this.isLost = true;
    this.handler.lost?.();
  }

  private back(resumed: boolean): void {
    this.isLost = false;
    this.handler.back?.(resumed);
  }

  private closed(error?: Error): void {
    this.current = undefined;
    if (this.isClosing) return this.handler.closed(error);
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
    const ended = await this.openOnce().catch((error: Error) => ({ error }));
    if (ended) this.retry();
    else if (this.isClosing) this.current!.close();
    else this.back(false);
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

/** Who opens a broken connection again, and when. */
interface Lasting {
  transport: Pick<Transport, "reconnects">;
  options: Pick<Options, "reconnect">;
  random: () => number;
}

/** Opens a connection as its options say: once, or again whenever it breaks, where its library does not do that. */
export function connectLasting(
  open: Open,
  handler: ConnectionHandler,
  { transport, options, random }: Lasting,
): Promise<Connection> {
  if (!options.reconnect || transport.reconnects === "library") return open(handler);
  return openPersistent(open, handler, options.reconnect, random);
}
