import type { Address, Connection, Options } from "../../../scenarios/contract.ts";
import { batchTypes } from "../../../servers/protocols/batch.ts";
import type { Response } from "../http1/response-state.ts";
import { requestHead } from "../http1/request-head.ts";
import { RequestConnection, bodyText, unexpectedStatus } from "../http1/request-connection.ts";
import { Attempts } from "../net/outages.ts";
import { createTimer, timers, type Timer } from "../net/timer-heap.ts";

/** Receiver of the events of a session. */
export interface SessionEvents {
  /** The session is open. Its messages are polled at this path. */
  opened(path: string): void;
  /** The server has accepted all messages. The session is closed next. */
  closing(): void;
  /** The server has closed the session, or a request has failed with this error. */
  ended(error?: Error): void;
}

/** The connection on which a session is opened, sends and is closed: one request after another. */
export interface SendConnection extends Connection {
  destroy(): void;
}

/**
 * Opens a session with POST, sends each message with POST, and closes the session with DELETE. A request that fails ends
 * the session.
 *
 * With `Options.reconnect` it does not. A message whose connection could not be opened is sent again until the server
 * answers. A message whose request had left when its connection broke is not: nobody knows whether the server has it,
 * and a second request could deliver it twice (RFC 9110, section 9.2.2). It arrives at most once.
 */
export function openSendConnection(address: Address, options: Options, events: SessionEvents): SendConnection {
  return new LeanSendConnection(address, options, events);
}

/** A message that waits for the request before it. */
interface QueuedMessage {
  payload: Buffer;
  text: boolean;
}

class LeanSendConnection extends RequestConnection implements SendConnection {
  private readonly events: SessionEvents;
  /** Created for the first message that has to wait. */
  private queue: QueuedMessage[] | undefined;
  /** The head of the last message. It is used again for a message of the same kind and length. */
  private head: Buffer | undefined;
  private headText = false;
  private headBytes = 0;
  private state: "opening" | "idle" | "sending" | "closing" = "opening";
  private closeRequested = false;
  private path: string;
  /** Set from the first message whose connection could not be opened until the next answer. */
  private retrying: { attempts: Attempts; timer: Timer } | undefined;

  constructor(address: Address, options: Options, events: SessionEvents) {
    super(address, options, options.handshakeMs);
    this.path = address.path ?? "/poll";
    this.events = events;
    this.request(this.createHead("POST", { "content-length": 0 }));
  }

  send(payload: Buffer, text: boolean): void {
    if (this.closeRequested) return;
    const idle = this.state === "idle";
    if (idle && this.requestNow(this.messageHead(payload, text), payload)) {
      this.state = "sending";
      return;
    }
    // A copy, since the caller may change the payload before it leaves: it waits for the request before or for a new
    // connection.
    (this.queue ??= []).push({ payload: Buffer.from(payload), text });
    if (idle) this.next();
  }

  close(): void {
    this.closeRequested = true;
    if (this.state === "idle") this.next();
    else if (this.retrying && this.retrying.timer.slot >= 0) this.sendAgain();
  }

  override destroy(): void {
    this.closeRequested = true;
    this.queue = undefined;
    if (this.retrying) timers.clear(this.retrying.timer);
    super.destroy();
  }

  protected get role() {
    return "up" as const;
  }

  protected handleResponse(response: Response): void {
    const expected = this.state === "opening" ? 201 : 204;
    if (this.retrying) this.retrying = undefined;
    if (response.status !== expected) return this.events.ended(unexpectedStatus(response, expected));
    if (this.state === "closing") return this.events.ended();
    if (this.state === "opening") {
      const id = bodyText(response);
      if (!/^[!-~]+$/.test(id)) return this.events.ended(new Error(`the server sent the invalid session id "${id}"`));
      this.path = `${this.path}/${id}`;
      this.events.opened(this.path);
    }
    this.next();
  }

  protected handleDisconnect(error: Error): void {
    const { reconnect, phase } = this.options;
    if (!reconnect || this.state !== "sending") return this.events.ended(error);
    if (!this.unsent) return this.next();
    if (this.closeRequested) return this.events.ended(error);
    this.retrying ??= { attempts: new Attempts(reconnect, phase), timer: createTimer(() => this.sendAgain()) };
    timers.set(this.retrying.timer, timers.nowMs() + this.retrying.attempts.waitMs());
  }

  protected handleMalformed(error: Error): void {
    this.events.ended(error);
  }

  private sendAgain(): void {
    timers.clear(this.retrying!.timer);
    const { head, body } = this.unsent!;
    this.request(head, body);
  }

  private next(): void {
    const message = this.queue?.shift();
    this.state = message ? "sending" : "idle";
    if (message) return this.request(this.messageHead(message.payload, message.text), message.payload);
    if (!this.closeRequested) return;
    this.state = "closing";
    this.events.closing();
    this.request(this.createHead("DELETE"));
  }

  private createHead(method: string, headers = {}): Buffer {
    return requestHead(`${method} ${this.path}`, this.address, this.options, headers);
  }

  private messageHead({ length }: Buffer, text: boolean): Buffer {
    if (this.head === undefined || this.headBytes !== length || this.headText !== text) {
      this.headBytes = length;
      this.headText = text;
      this.head = this.createHead("POST", {
        "content-type": batchTypes[text ? "text" : "binary"],
        "content-length": length,
      });
    }
    return this.head;
  }
}
