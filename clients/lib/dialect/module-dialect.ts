import { pathToFileURL } from "node:url";
import type { Address, Connect, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import type { PlaceholderValues } from "../../../scenarios/lib/template.ts";

/** What a module of the user's says of a conversation that no file can say: its default export. */
export interface DialectModule {
  /**
   * The steps of a client before its first message. `next` resolves to the next message of the server. Default: none.
   */
  enter?(visit: {
    send(message: string | Buffer): void;
    next(): Promise<Buffer>;
    values: PlaceholderValues;
  }): Promise<void>;
  /** The message for a payload. Default: the payload as it is. */
  encode?(payload: Buffer, values: PlaceholderValues): string | Buffer;
  /**
   * The payload in a message of the server, which may be answered with `send`. Undefined for a message that is none.
   * Default: the message as it is.
   */
  decode?(message: Buffer, send: (message: string | Buffer) => void): string | Buffer | undefined;
}

const functions = ["enter", "encode", "decode"];

/** The default export of the module at this path. Rejects with one sentence where it is no dialect. */
export async function loadDialectModule(path: string): Promise<DialectModule> {
  const { default: found } = (await import(pathToFileURL(path).href)) as { default?: unknown };
  const names = typeof found === "object" && found !== null ? Object.keys(found) : [];
  if (names.length === 0 || names.some((name) => !functions.includes(name)))
    throw new Error(
      `${path} is no dialect: its default export must be an object with ${functions.join(", ")} and nothing else`,
    );
  return found as DialectModule;
}

/** Opens a connection over which the dialect of a module is spoken. `connect` opens the connection of messages. */
export async function connectByModule(
  connect: Connect,
  dialect: DialectModule,
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const talk = new ModuleConnection(dialect, address.values ?? {}, handler);
  talk.connection = await connect(address, talk, options);
  await talk.enter(options.handshakeMs);
  return talk;
}

const bytesOf = (message: string | Buffer): Buffer => (typeof message === "string" ? Buffer.from(message) : message);

class ModuleConnection implements Connection, ConnectionHandler {
  connection!: Connection;
  private readonly dialect: DialectModule;
  private readonly values: PlaceholderValues;
  private readonly handler: ConnectionHandler;
  private state: "entering" | "open" = "entering";
  private readonly arrived: Buffer[] = [];
  private waiting: ((message: Buffer) => void) | undefined;
  private fail!: (error: Error) => void;
  private readonly failed = new Promise<never>((_resolve, reject) => (this.fail = reject));

  constructor(dialect: DialectModule, values: PlaceholderValues, handler: ConnectionHandler) {
    this.dialect = dialect;
    this.values = values;
    this.handler = handler;
    this.failed.catch(() => undefined);
  }

  /** Takes the module's steps. Rejects where they are not done in time, or the connection ends. */
  async enter(handshakeMs: number): Promise<void> {
    const timeout = setTimeout(
      () => this.fail(new Error(`entering was not done within ${handshakeMs} ms`)),
      handshakeMs,
    );
    try {
      const steps = this.dialect.enter?.({
        send: (message) => this.say(message),
        next: () => this.next(),
        values: this.values,
      });
      await Promise.race([steps, this.failed]);
    } catch (error) {
      this.connection.close();
      throw error;
    } finally {
      clearTimeout(timeout);
    }
    this.state = "open";
    for (const message of this.arrived.splice(0)) this.receive(message);
  }

  send(payload: Buffer, text: boolean): void {
    const message = this.dialect.encode?.(payload, this.values) ?? payload;
    this.connection.send(bytesOf(message), typeof message === "string" || text);
  }

  close(): void {
    this.connection.close();
  }

  receive(message: Buffer): void {
    if (this.state === "entering") {
      const copy = Buffer.from(message);
      if (this.waiting) this.waiting(copy);
      else this.arrived.push(copy);
      return;
    }
    const { decode } = this.dialect;
    const payload = decode ? decode.call(this.dialect, message, (answer) => this.say(answer)) : message;
    if (payload !== undefined) this.handler.receive(bytesOf(payload), true);
  }

  closed(error?: Error): void {
    if (this.state === "open") return this.handler.closed(error);
    this.fail(new Error(`the server closed the connection while a client entered${error ? `: ${error.message}` : ""}`));
  }

  private say(message: string | Buffer): void {
    this.connection.send(bytesOf(message), typeof message === "string");
  }

  private next(): Promise<Buffer> {
    const message = this.arrived.shift();
    if (message) return Promise.resolve(message);
    return new Promise((resolve) => {
      this.waiting = (arrived) => {
        this.waiting = undefined;
        resolve(arrived);
      };
    });
  }
}
