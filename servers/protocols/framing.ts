/** A format for messages on a byte stream. */
export interface Framing {
  /** Encodes a message as one buffer, which can be written to any number of sockets. */
  frame(payload: Buffer, text: boolean): Buffer;
  /**
   * Returns a reader that accepts the stream in pieces of any size and calls `receive` with each payload as soon as it
   * is complete. At bytes that are no message, or a payload above `maxPayloadBytes`, it calls `refuse` once and reads
   * no further.
   */
  reader(
    maxPayloadBytes: number,
    receive: (payload: Buffer, text: boolean) => void,
    refuse: (error: Error) => void,
  ): (chunk: Buffer) => void;
}
