import { batch, type BatchMessage } from "../../protocols/batch.ts";
import { recordHeaderBytes } from "../../protocols/records.ts";

/** What leaves a mailbox at once: a response's type and body, and what of it had not left before. */
export interface QueuedBatch {
  type: string;
  body: string | Buffer;
  newPayloads: number;
  newPayloadBytes: number;
}

/** The messages that wait for one polling client, numbered from 0. */
export interface MessageQueue {
  put(message: BatchMessage): void;
  /** Forgets the first `count` messages ever put, which the client has. False where it cannot have just these. */
  acknowledge(count: number): boolean;
  /** Everything that is not acknowledged, as one batch; undefined where there is nothing. */
  take(): QueuedBatch | undefined;
  /** Bytes that are held: payloads, and a record's header for each, so that empty ones count too. */
  bytes(): number;
}

/** An empty mailbox. Messages stay until they are acknowledged, so that a response that got lost can be asked for again. */
export function openMessageQueue(batchOf: typeof batch = batch): MessageQueue {
  return new Letters(batchOf);
}

class Letters implements MessageQueue {
  private readonly batchOf: typeof batch;
  private readonly messages: BatchMessage[] = [];
  private acknowledged = 0;
  private taken = 0;
  private held = 0;

  constructor(batchOf: typeof batch) {
    this.batchOf = batchOf;
  }

  put(message: BatchMessage): void {
    this.messages.push(message);
    this.held += heldBytes(message);
  }

  acknowledge(count: number): boolean {
    if (!Number.isInteger(count) || count < this.acknowledged || count > this.taken) return false;
    for (const message of this.messages.splice(0, count - this.acknowledged)) this.held -= heldBytes(message);
    this.acknowledged = count;
    return true;
  }

  take(): QueuedBatch | undefined {
    const { messages } = this;
    if (messages.length === 0) return undefined;
    const { type, body } = this.batchOf(messages);
    const newPayloads = this.acknowledged + messages.length - this.taken;
    let newPayloadBytes = 0;
    for (let i = messages.length - newPayloads; i < messages.length; i++)
      newPayloadBytes += messages[i]!.payload.length;
    this.taken += newPayloads;
    return { type, body, newPayloads, newPayloadBytes };
  }

  bytes(): number {
    return this.held;
  }
}

function heldBytes({ payload }: BatchMessage): number {
  return payload.length + recordHeaderBytes;
}
