/** A message as it goes to any stream: numbered within its server, and made once for all. */
export interface Event {
  id: number;
  framed: Buffer;
  payloadBytes: number;
}

/** What one client may still have to be told: what was never handed to its stream, and the last that was. */
export interface Backlog {
  /** A message that waits until there is a stream. */
  wait(event: Event): void;
  /** A message that is handed to the stream. The oldest of these are forgotten beyond `replayBytes`, all but the last. */
  hand(event: Event): void;
  /** Bytes of what waits. */
  waitingBytes(): number;
  /**
   * Everything after the event of that id, the last one the client has; undefined where that cannot be told, since it is forgotten or was
   * never said. Without an id, everything there ever was.
   */
  after(id: number | undefined): { again: Event[]; waiting: Event[] } | undefined;
}

/** An empty backlog. */
export function backlog(replayBytes: number): Backlog {
  let handed: Event[] = [];
  let handedBytes = 0;
  /** How many at the front of `handed` are forgotten: they are cut off now and then, not one by one. */
  let gone = 0;
  /** The id of the last that was forgotten. */
  let forgotten = 0;
  let waiting: Event[] = [];
  let waitingBytes = 0;

  function forget(): void {
    const { id, framed } = handed[gone++]!;
    forgotten = id;
    handedBytes -= framed.length;
  }

  return {
    wait(event) {
      waiting.push(event);
      waitingBytes += event.framed.length;
    },
    hand(event) {
      handed.push(event);
      handedBytes += event.framed.length;
      while (handedBytes > replayBytes && handed.length - gone > 1) forget();
      if (gone > 32 && gone > handed.length / 2) {
        handed = handed.slice(gone);
        gone = 0;
      }
    },
    waitingBytes: () => waitingBytes,
    after(id = 0) {
      const last = handed.at(-1)?.id ?? forgotten;
      if (!(id >= forgotten && id <= last)) return undefined;
      while (gone < handed.length && handed[gone]!.id <= id) forget();
      const later = { again: handed.slice(gone), waiting };
      [waiting, waitingBytes] = [[], 0];
      for (const event of later.waiting) this.hand(event);
      return later;
    },
  };
}
