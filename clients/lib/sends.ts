import type { Address, Link, Options } from "../../scenarios/contract.ts";
import { types } from "../../servers/lib/batch.ts";
import type { Response } from "./http-head.ts";
import { requestHead } from "./http-requests.ts";
import { openLine, textOf, unexpected, type Line, type Outcome } from "./line.ts";

/** Who is told how a session goes. */
export interface Session {
  /** The session is there, and is asked for messages at this path. */
  joined(path: string): void;
  /** All that was sent has been taken, and the server is now told goodbye. */
  leaving(): void;
  /** The server has taken the goodbye; or, with an error, what it was asked has failed. */
  ended(error?: Error): void;
}

/** The connection on which a session is opened, sends and says goodbye: one request after another. */
export interface Sends extends Link {
  destroy(): void;
}

/** Opens a session: POST for it, POST each message, DELETE at the end. */
export function openSends(address: Address, options: Options, session: Session): Sends {
  return new Sending(address, options, session);
}

/** The head of the last message of a kind: made again only where the next one is of another length. */
interface Head {
  payloadBytes: number;
  bytes: Buffer;
}

class Sending implements Sends, Outcome {
  private readonly address: Address;
  private readonly options: Options;
  private readonly session: Session;
  private readonly line: Line;
  private readonly queue: { head: Buffer; body: Buffer }[] = [];
  private readonly textHead: Head = { payloadBytes: -1, bytes: Buffer.alloc(0) };
  private readonly binaryHead: Head = { payloadBytes: -1, bytes: Buffer.alloc(0) };
  private state: "joining" | "idle" | "sending" | "leaving" = "joining";
  private closing = false;
  private path = "/poll";

  constructor(address: Address, options: Options, session: Session) {
    this.address = address;
    this.options = options;
    this.session = session;
    this.line = openLine(address, options, options.handshakeMs, this);
    this.line.request(this.head("POST", { "content-length": 0 }));
  }

  send(payload: Buffer, text: boolean): void {
    if (this.closing) return;
    const head = this.messageHead(text, payload.length);
    const idle = this.state === "idle";
    if (idle && this.line.requestNow(head, payload)) {
      this.state = "sending";
      return;
    }
    // It waits for the one before, or for a new connection: the payload is the caller's again before that.
    this.queue.push({ head, body: Buffer.from(payload) });
    if (idle) this.next();
  }

  close(): void {
    this.closing = true;
    if (this.state === "idle") this.next();
  }

  destroy(): void {
    this.closing = true;
    this.queue.length = 0;
    this.line.destroy();
  }

  answered(response: Response): void {
    const due = this.state === "joining" ? 201 : 204;
    if (response.status !== due) return this.session.ended(unexpected(response, due));
    if (this.state === "leaving") return this.session.ended();
    if (this.state === "joining") {
      const id = textOf(response);
      if (!/^[!-~]+$/.test(id)) return this.session.ended(new Error(`the polling server named a session "${id}"`));
      this.path = `/poll/${id}`;
      this.session.joined(this.path);
    }
    this.next();
  }

  cutOff(error: Error): void {
    this.session.ended(error);
  }

  refused(error: Error): void {
    this.session.ended(error);
  }

  private next(): void {
    const message = this.queue.shift();
    this.state = message ? "sending" : "idle";
    if (message) return this.line.request(message.head, message.body);
    if (!this.closing) return;
    this.state = "leaving";
    this.session.leaving();
    this.line.request(this.head("DELETE"));
  }

  private head(method: string, headers = {}): Buffer {
    return requestHead(`${method} ${this.path}`, this.address, this.options, headers);
  }

  private messageHead(text: boolean, payloadBytes: number): Buffer {
    const last = text ? this.textHead : this.binaryHead;
    if (last.payloadBytes !== payloadBytes) {
      last.payloadBytes = payloadBytes;
      const type = types[text ? "text" : "binary"];
      last.bytes = this.head("POST", { "content-type": type, "content-length": payloadBytes });
    }
    return last.bytes;
  }
}
