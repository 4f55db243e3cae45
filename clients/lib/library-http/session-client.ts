import type { ConnectionHandler, Connection, Options } from "../../../scenarios/contract.ts";
import { AnswerError } from "../../../scenarios/lib/answer-error.ts";
import { batchTypes } from "../../../servers/protocols/batch.ts";
import { Patience } from "./patience.ts";
import type { HttpRequest, RequestChannels } from "./request-channel.ts";
import { extraHeaders } from "../http1/request-head.ts";
import type { HttpResponse } from "./undici.ts";

/**
 * A client of the session protocol through a library: POST opens the session, POST sends a message, DELETE closes the
 * session. Sends go one after another. A subclass receives the messages. A request that fails ends the session, but with
 * `Options.reconnect` only where the server refuses it.
 */
export abstract class SessionClient implements Connection {
  protected readonly channels: RequestChannels;
  protected readonly handler: ConnectionHandler;
  protected readonly options: Options;
  /** The headers of every request. */
  protected readonly headers: Record<string, string>;
  protected path: string;
  protected state: "open" | "closing" | "closed" = "open";
  /** Set with `Options.reconnect`. */
  protected readonly patience: Patience | undefined;

  constructor(path: string, channels: RequestChannels, handler: ConnectionHandler, options: Options) {
    this.path = path;
    this.channels = channels;
    this.handler = handler;
    this.options = options;
    this.headers = extraHeaders(options.extraHeaderBytes);
    this.patience = options.reconnect && new Patience(handler, options.reconnect, options.phase);
  }

  /** Opens the session and begins to receive. Where that fails, closes all connections and rejects. */
  async open(): Promise<void> {
    try {
      const response = await this.request("POST", 201);
      this.path += `/${response.body.toString()}`;
      await this.startReceiving();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  send(payload: Buffer, text: boolean): void {
    if (this.state !== "open") return;
    const type = text ? batchTypes.text : batchTypes.binary;
    // A copy, since the caller may change the payload after this call, and the request may wait for the one before.
    const body = Buffer.from(payload);
    const sent = this.patience ? this.patience.send(() => this.post(type, body)) : this.post(type, body);
    sent.catch((error: Error) => this.finish(error));
  }

  close(): void {
    if (this.state !== "open") return;
    this.state = "closing";
    this.patience?.end();
    const leave = (): Promise<unknown> => this.request("DELETE", 204);
    const left = this.patience ? this.patience.inOrder(leave) : leave();
    left.then(
      () => this.finish(),
      (error: Error) => this.finish(error),
    );
  }

  /** Begins to receive messages. A rejection means that the session is not usable. */
  protected abstract startReceiving(): Promise<void> | void;

  /** Frees everything that the client holds. */
  protected release(): void {
    this.patience?.end();
    this.channels.destroy();
  }

  /** Ends the client: with an error unless one side closed the session. */
  protected finish(error?: Error): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.release();
    this.handler.closed(error);
  }

  private post(type: string, body: Buffer): Promise<HttpResponse> {
    return this.request("POST", 204, { "content-type": type }, body);
  }

  private async request(
    method: HttpRequest["method"],
    expectedStatus: number,
    headers = {},
    body?: Buffer,
  ): Promise<HttpResponse> {
    const request = { method, path: this.path, headers: { ...this.headers, ...headers }, ...(body && { body }) };
    return expectStatus(await this.channels.sends.call(request, this.options.handshakeMs), expectedStatus);
  }
}

/** Returns the response. Throws where it has another status. */
export function expectStatus(response: HttpResponse, expected: number): HttpResponse {
  if (response.status === expected) return response;
  const answer = `the server answered ${response.status} instead of ${expected}: ${response.body.toString()}`;
  throw new AnswerError(response.status, answer);
}
