import assert from "node:assert/strict";
import type { ConnectionHandler } from "../contract.ts";

/** A copy of a message that arrived. */
export interface ReceivedMessage {
  payload: Buffer;
  text: boolean;
}

/** A call of a handler's `lost` or `back`. */
export type Break = "lost" | "back, resumed" | "back, anew";

/** The handler of a test's client: it records every call. A handler may use `this`, so an unbound call throws. */
export class RecordingHandler implements ConnectionHandler {
  readonly messages: ReceivedMessage[] = [];
  readonly ended: (Error | undefined)[] = [];
  /** What the client said of its connection: lost, or back and whether it goes on with the same one. */
  readonly breaks: Break[] = [];

  receive(payload: Buffer, text: boolean): void {
    assertBound(this, "receive");
    this.messages.push({ payload: Buffer.from(payload), text });
  }

  closed(error?: Error): void {
    assertBound(this, "closed");
    this.ended.push(error);
  }

  lost(): void {
    assertBound(this, "lost");
    this.breaks.push("lost");
  }

  back(resumed: boolean): void {
    assertBound(this, "back");
    this.breaks.push(resumed ? "back, resumed" : "back, anew");
  }
}

function assertBound(handler: unknown, method: string): void {
  assert(
    handler instanceof RecordingHandler,
    `${method}() of the client's handler was called without its handler: call handler.${method}(...)`,
  );
}
