/** A message as it goes to any stream: numbered within its server, and made once for all. */
export interface StreamEvent {
  id: number;
  framed: Buffer;
  payloadBytes: number;
}

/** What one client may still have to be told: what was never handed to its stream, and the last that was. */
export interface ReplayBuffer {
  /** A message that waits until there is a stream. */
  push(event: StreamEvent): void;
  /** A message that has been handed to the stream. The oldest of these are forgotten beyond `replayBytes`, all but the last. */
  markSent(event: StreamEvent): void;
  /** All that waits is handed over. */
  takeWaiting(): StreamEvent[];
  /** Bytes of what waits. */
  waitingBytes(): number;
  /**
   * What was handed over after the event of that id, the last one the client has, or all of it without an id; undefined where that cannot
   * be told, since it is forgotten or was never said.
   */
  after(id: number | undefined): StreamEvent[] | undefined;
}

/** An empty backlog. */
export function openReplayBuffer(replayBytes: number): ReplayBuffer {
  let events: StreamEvent[] = [];
  let handedBytes = 0;
  /** How many at the front of `events` are forgotten: they are cut off now and then, not one by one. */
  let gone = 0;
  /** The id of the last that was forgotten. */
  let forgotten = 0;
  let waiting: StreamEvent[] = [];
  let waitingBytes = 0;

  function forget(): void {
    const { id, framed } = events[gone++]!;
    forgotten = id;
    handedBytes -= framed.length;
  }

  function handed(event: StreamEvent): void {
    events.push(event);
    handedBytes += event.framed.length;
    while (handedBytes > replayBytes && events.length - gone > 1) forget();
    if (gone <= 32 || gone <= events.length / 2) return;
    events = events.slice(gone);
    gone = 0;
  }

  return {
    markSent: handed,
    push(event) {
      waiting.push(event);
      waitingBytes += event.framed.length;
    },
    takeWaiting() {
      const all = waiting;
      [waiting, waitingBytes] = [[], 0];
      for (const event of all) handed(event);
      return all;
    },
    waitingBytes: () => waitingBytes,
    after(id = 0) {
      const last = events.at(-1)?.id ?? forgotten;
      if (!(id >= forgotten && id <= last)) return undefined;
      while (gone < events.length && events[gone]!.id <= id) forget();
      return events.slice(gone);
    },
  };
}
