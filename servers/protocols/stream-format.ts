/** A format of messages in the body of a stream. */
export interface StreamFormat {
  /** Path of the sessions. */
  path: string;
  contentType: string;
  /** Bytes at the beginning of every stream. */
  preamble: Buffer;
  /** Encodes a message. */
  encode(payload: Buffer, text: boolean, id: number): Buffer;
  /** Bytes that are sent when nothing else was. */
  heartbeat: Buffer;
  /** Bytes that say that the server has closed the connection; empty where the end of the body says so. */
  closing: Buffer;
  /**
   * Bytes of sent messages that can be replayed after the id of the last message that arrived; 0 where a stream cannot
   * be resumed.
   */
  replayBytes: number;
}
