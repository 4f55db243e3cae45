import type { Address, Link, Options } from "../../scenarios/contract.ts";
import { types } from "../../servers/lib/batch.ts";
import type { Response } from "./http-head.ts";
import { requestHead } from "./http-requests.ts";
import { openLine, textOf, unexpected } from "./line.ts";

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
  const line = openLine(address, options, options.handshakeMs, {
    answered,
    cutOff: session.ended,
    refused: session.ended,
  });
  const queue: Buffer[][] = [];
  const heads: Record<"text" | "binary", { payloadBytes: number; head: Buffer }> = {
    text: { payloadBytes: -1, head: Buffer.alloc(0) },
    binary: { payloadBytes: -1, head: Buffer.alloc(0) },
  };
  let state: "joining" | "idle" | "sending" | "leaving" = "joining";
  let closing = false;
  let path = "/poll";

  const headOf = (method: string, headers = {}): Buffer => requestHead(`${method} ${path}`, address, options, headers);

  /** The head of a message, made again only where the last one of its kind was of another length. */
  function messageHead(kind: "text" | "binary", payloadBytes: number): Buffer {
    const last = heads[kind];
    if (last.payloadBytes !== payloadBytes) {
      last.payloadBytes = payloadBytes;
      last.head = headOf("POST", { "content-type": types[kind], "content-length": payloadBytes });
    }
    return last.head;
  }

  function answered(response: Response): void {
    const due = state === "joining" ? 201 : 204;
    if (response.status !== due) return session.ended(unexpected(response, due));
    if (state === "leaving") return session.ended();
    if (state === "joining") {
      const id = textOf(response);
      if (!/^[!-~]+$/.test(id)) return session.ended(new Error(`the polling server named a session "${id}"`));
      path = `/poll/${id}`;
      session.joined(path);
    }
    next();
  }

  function next(): void {
    const message = queue.shift();
    state = message ? "sending" : "idle";
    if (message) return line.request(message);
    if (!closing) return;
    state = "leaving";
    session.leaving();
    line.request([headOf("DELETE")]);
  }

  line.request([headOf("POST", { "content-length": 0 })]);
  return {
    send(payload, text) {
      if (closing) return;
      // It may wait for the one before, or for a new connection: the payload is the caller's again before that.
      queue.push([messageHead(text ? "text" : "binary", payload.length), Buffer.from(payload)]);
      if (state === "idle") next();
    },
    close() {
      closing = true;
      if (state === "idle") next();
    },
    destroy() {
      closing = true;
      queue.length = 0;
      line.destroy();
    },
  };
}
