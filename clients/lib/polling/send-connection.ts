import type { Address, Connection, Options } from "../../../scenarios/contract.ts";
import { batchTypes } from "../../../servers/protocols/batch.ts";
import type { Response } from "../http1/response-state.ts";
import { requestHead } from "../http1/request-head.ts";
import { RequestConnection, asciiText, unexpectedStatus } from "../http1/request-connection.ts";

/** Who is told how a session goes. */
export interface ClientSession {
  /** The session is there, and is asked for messages at this path. */
  joined(path: string): void;
  /** All that was sent has been taken, and the server is now told goodbye. */
  leaving(): void;
  /** The server has taken the goodbye; or, with an error, what it was asked has failed. */
  ended(error?: Error): void;
}

/** The connection on which a session is opened, sends and says goodbye: one request after another. */
export interface SendConnection extends Connection {
  destroy(): void;
}

/** Opens a session: POST for it, POST each message, DELETE at the end. */
export function openSendConnection(address: Address, options: Options, session: ClientSession): SendConnection {
  return new Sending(address, options, session);
}

/** A message that waits for the one before. */
interface Queued {
  payload: Buffer;
  text: boolean;
}

class Sending extends RequestConnection implements SendConnection {
  private readonly session: ClientSession;
  /** Made for the first that has to wait. */
  private queue: Queued[] | undefined;
  /** The head of the last message, which is made again only where the next one is of another kind or length. */
  private head: Buffer | undefined;
  private headText = false;
  private headBytes = 0;
  private state: "joining" | "idle" | "sending" | "leaving" = "joining";
  private closing = false;
  private path = "/poll";

  constructor(address: Address, options: Options, session: ClientSession) {
    super(address, options, options.handshakeMs);
    this.session = session;
    this.request(this.headOf("POST", { "content-length": 0 }));
  }

  send(payload: Buffer, text: boolean): void {
    if (this.closing) return;
    const idle = this.state === "idle";
    if (idle && this.requestNow(this.messageHead(payload, text), payload)) {
      this.state = "sending";
      return;
    }
    // It waits for the one before, or for a new connection: the payload is the caller's again before that.
    (this.queue ??= []).push({ payload: Buffer.from(payload), text });
    if (idle) this.next();
  }

  close(): void {
    this.closing = true;
    if (this.state === "idle") this.next();
  }

  override destroy(): void {
    this.closing = true;
    this.queue = undefined;
    super.destroy();
  }

  protected onAnswer(response: Response): void {
    const due = this.state === "joining" ? 201 : 204;
    if (response.status !== due) return this.session.ended(unexpectedStatus(response, due));
    if (this.state === "leaving") return this.session.ended();
    if (this.state === "joining") {
      const id = asciiText(response);
      if (!/^[!-~]+$/.test(id)) return this.session.ended(new Error(`the polling server named a session "${id}"`));
      this.path = `/poll/${id}`;
      this.session.joined(this.path);
    }
    this.next();
  }

  protected onCut(error: Error): void {
    this.session.ended(error);
  }

  protected onRefusal(error: Error): void {
    this.session.ended(error);
  }

  private next(): void {
    const message = this.queue?.shift();
    this.state = message ? "sending" : "idle";
    if (message) return this.request(this.messageHead(message.payload, message.text), message.payload);
    if (!this.closing) return;
    this.state = "leaving";
    this.session.leaving();
    this.request(this.headOf("DELETE"));
  }

  private headOf(method: string, headers = {}): Buffer {
    return requestHead(`${method} ${this.path}`, this.address, this.options, headers);
  }

  private messageHead({ length }: Buffer, text: boolean): Buffer {
    if (this.head === undefined || this.headBytes !== length || this.headText !== text) {
      this.headBytes = length;
      this.headText = text;
      this.head = this.headOf("POST", {
        "content-type": batchTypes[text ? "text" : "binary"],
        "content-length": length,
      });
    }
    return this.head;
  }
}
