import { setTimeout as delay } from "node:timers/promises";
import type { Address, ConnectionHandler, Connection, Options } from "../../../scenarios/contract.ts";
import { AnswerError } from "../../../scenarios/lib/answer-error.ts";
import type { Patience } from "./patience.ts";
import type { OpenChannels, RequestChannels } from "./request-channel.ts";
import { SessionClient } from "./session-client.ts";

/** Receiver of what the body of a stream contains. */
export interface StreamEvents {
  message(payload: Buffer, text: boolean): void;
  /** The id of the last message, which a stream that is opened again sends, to continue after it. */
  id(id: string): void;
  /** Milliseconds to wait before a stream that was cut off is opened again. */
  retry(ms: number): void;
  /** The server has closed the session. */
  closed(): void;
}

/** The format of a stream: its path, its Content-Type and a reader of its body. A reader throws at invalid input. */
export interface ClientStreamFormat {
  path: string;
  type: string;
  reader(events: StreamEvents, maxPayloadBytes: number): (chunk: Buffer) => void;
  /** The end of the body closes the session, and a stream that was cut off cannot be continued. */
  endsWithBody?: true;
}

/** After this number of heartbeats without a byte the stream is aborted. */
const maxMissedHeartbeats = 3;

/** Connects a client of the session protocol that receives its messages in a stream. */
export async function connectLibraryStream(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  openChannels: OpenChannels,
  format: ClientStreamFormat,
): Promise<Connection> {
  const at = { ...format, path: address.path ?? format.path };
  const client = new StreamClient(await openChannels(address, options), handler, options, at);
  await client.open();
  return client;
}

/**
 * Receives messages from a stream. A stream that was cut off is opened again after the time that the server named,
 * where its format allows that; otherwise the connection ends. A stream that cannot be opened ends it too, but not with
 * `Options.reconnect`: then the client tries again until the server answers.
 */
class StreamClient extends SessionClient implements StreamEvents {
  private readonly format: ClientStreamFormat;
  private lastId: string | undefined;
  private retryMs = 0;
  private missedHeartbeats = 0;
  private watch: NodeJS.Timeout | undefined;
  private abortStream = (): void => undefined;

  constructor(channels: RequestChannels, handler: ConnectionHandler, options: Options, format: ClientStreamFormat) {
    super(format.path, channels, handler, options);
    this.format = format;
  }

  message(payload: Buffer, text: boolean): void {
    const { maxPayloadBytes } = this.options;
    if (this.state === "closed") return;
    if (payload.length > maxPayloadBytes)
      throw new RangeError(`a message has ${payload.length} bytes, at most ${maxPayloadBytes} are accepted`);
    this.handler.receive(payload, text);
  }

  id(id: string): void {
    this.lastId = id;
  }

  retry(ms: number): void {
    this.retryMs = ms;
  }

  closed(): void {
    this.finish();
  }

  protected startReceiving(): Promise<void> {
    this.watch = setInterval(() => {
      if (++this.missedHeartbeats > maxMissedHeartbeats) this.abortStream();
    }, this.options.heartbeatMs);
    return this.openStream();
  }

  protected override release(): void {
    clearInterval(this.watch);
    super.release();
  }

  /** Opens a stream. Resolves at its head, rejects for any other response. */
  private openStream(): Promise<void> {
    const { format, path, lastId, options } = this;
    const headers = { ...this.headers, accept: format.type, ...(lastId !== undefined && { "last-event-id": lastId }) };
    return new Promise((resolve, reject) => {
      const read = format.reader(this, options.maxPayloadBytes);
      let refusal: Error | undefined = new Error("the stream did not begin");
      this.abortStream = this.channels.polls.read({ method: "GET", path, headers }, options.handshakeMs, {
        head: (status, type) => {
          const isStream = status === 200 && type === format.type;
          const answer = `the server answered ${status} ${type} instead of a stream`;
          refusal = isStream ? undefined : new AnswerError(status, answer, true);
          if (!isStream) return;
          this.patience?.outages.answered();
          resolve();
        },
        data: (chunk) => {
          if (!refusal) this.readChunk(read, chunk);
        },
        ended: (error) => {
          if (refusal) reject(error ?? refusal);
          else this.resume(error).catch((failure: Error) => this.finish(failure));
        },
      });
    });
  }

  private readChunk(read: (chunk: Buffer) => void, chunk: Buffer): void {
    this.missedHeartbeats = 0;
    try {
      read(chunk);
    } catch (error) {
      this.finish(error as Error);
    }
  }

  /** Continues after the end of a stream. */
  private async resume(error?: Error): Promise<void> {
    if (this.format.endsWithBody) return this.finish(error);
    if (this.patience) return this.openAgain(this.patience);
    await delay(this.retryMs);
    if (this.state === "open") await this.openStream();
  }

  /** Opens a stream as soon as the server answers. Rejects where the server does not continue the session. */
  private async openAgain(patience: Patience): Promise<void> {
    while (this.state === "open") {
      patience.outages.failed();
      await patience.pause(this.waitMs(patience));
      if (this.state !== "open") return;
      this.missedHeartbeats = 0;
      try {
        return await this.openStream();
      } catch (error) {
        if (error instanceof AnswerError) throw error;
      }
    }
  }

  /** As an EventSource does, the time that the server named, if it named one and nothing else is said. */
  private waitMs({ outages }: Patience): number {
    return this.options.reconnect === "usual" && this.retryMs > 0 ? this.retryMs : outages.waitMs();
  }
}
