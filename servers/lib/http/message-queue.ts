import { batch, type BatchMessage } from "../../protocols/batch.ts";
import { recordHeaderBytes } from "../../protocols/records.ts";

/** The messages of one response, and how many of them were not in an earlier response. */
export interface QueuedBatch {
  type: string;
  body: string | Buffer;
  newPayloads: number;
  newPayloadBytes: number;
}

/** Messages that one polling client has not acknowledged. */
export interface MessageQueue {
  put(message: BatchMessage): void;
  /**
   * Removes the first `count` messages ever put, which the client has received. Returns false where `count` is not
   * possible.
   */
  acknowledge(count: number): boolean;
  /** Returns all messages as one batch; undefined where there is none. They stay until they are acknowledged. */
  take(): QueuedBatch | undefined;
  /** Bytes in the queue: payloads, and a record's header for each, so that empty messages count too. */
  bytes(): number;
}

/** Opens an empty queue. `batchOf` makes a batch of its messages. */
export function openMessageQueue(batchOf: typeof batch = batch): MessageQueue {
  return new UnacknowledgedMessages(batchOf);
}

class UnacknowledgedMessages implements MessageQueue {
  private readonly batchOf: typeof batch;
  private readonly messages: BatchMessage[] = [];
  private acknowledged = 0;
  /** Messages that were in at least one response. */
  private delivered = 0;
  private queuedBytes = 0;

  constructor(batchOf: typeof batch) {
    this.batchOf = batchOf;
  }

  put(message: BatchMessage): void {
    this.messages.push(message);
    this.queuedBytes += queuedBytesOf(message);
  }

  acknowledge(count: number): boolean {
    if (!Number.isInteger(count) || count < this.acknowledged || count > this.delivered) return false;
    for (const message of this.messages.splice(0, count - this.acknowledged))
      this.queuedBytes -= queuedBytesOf(message);
    this.acknowledged = count;
    return true;
  }

  take(): QueuedBatch | undefined {
    const { messages } = this;
    if (messages.length === 0) return undefined;
    const { type, body } = this.batchOf(messages);
    const newPayloads = this.acknowledged + messages.length - this.delivered;
    let newPayloadBytes = 0;
    for (let i = messages.length - newPayloads; i < messages.length; i++)
      newPayloadBytes += messages[i]!.payload.length;
    this.delivered += newPayloads;
    return { type, body, newPayloads, newPayloadBytes };
  }

  bytes(): number {
    return this.queuedBytes;
  }
}

function queuedBytesOf({ payload }: BatchMessage): number {
  return payload.length + recordHeaderBytes;
}
