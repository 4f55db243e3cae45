/** A message in the form that every stream gets. It is encoded once, and its id is unique in its server. */
export interface StreamEvent {
  id: number;
  framed: Buffer;
  payloadBytes: number;
}

/** The messages of one client that were sent last, for replay, and those that wait because it has no stream. */
export interface ReplayBuffer {
  /** Adds a message that waits for a stream. */
  queue(event: StreamEvent): void;
  /**
   * Adds a message that was written to the stream. The oldest of these are removed beyond `replayBytes`, except the
   * last.
   */
  markSent(event: StreamEvent): void;
  /** Marks all waiting messages as sent and returns them. */
  takeQueued(): StreamEvent[];
  /** Bytes of the messages that wait. */
  queuedBytes(): number;
  /**
   * Returns the messages sent after the one with this id, which is the last that the client has received, or all of
   * them without an id. Returns undefined where some of them were removed, or the id was never sent.
   */
  after(id: number | undefined): StreamEvent[] | undefined;
}

/** Opens an empty buffer that keeps up to `replayBytes` of sent messages. */
export function openReplayBuffer(replayBytes: number): ReplayBuffer {
  let sent: StreamEvent[] = [];
  let sentBytes = 0;
  /** Removed events at the front of `sent`. They are cut off many at a time, which is cheaper than one by one. */
  let removed = 0;
  let lastRemovedId = 0;
  let waiting: StreamEvent[] = [];
  let waitingBytes = 0;

  function removeOldest(): void {
    const { id, framed } = sent[removed++]!;
    lastRemovedId = id;
    sentBytes -= framed.length;
  }

  function markSent(event: StreamEvent): void {
    sent.push(event);
    sentBytes += event.framed.length;
    while (sentBytes > replayBytes && sent.length - removed > 1) removeOldest();
    if (removed <= 32 || removed <= sent.length / 2) return;
    sent = sent.slice(removed);
    removed = 0;
  }

  return {
    markSent,
    queue(event) {
      waiting.push(event);
      waitingBytes += event.framed.length;
    },
    takeQueued() {
      const all = waiting;
      [waiting, waitingBytes] = [[], 0];
      for (const event of all) markSent(event);
      return all;
    },
    queuedBytes: () => waitingBytes,
    after(id = 0) {
      const lastId = sent.at(-1)?.id ?? lastRemovedId;
      if (!(id >= lastRemovedId && id <= lastId)) return undefined;
      while (removed < sent.length && sent[removed]!.id <= id) removeOldest();
      return sent.slice(removed);
    },
  };
}
