/** How messages are worded in the body of a stream. */
export interface StreamFormat {
  /** Where its sessions are. */
  path: string;
  type: string;
  /** What stands in front of the first message of every stream. */
  opening: Buffer;
  /** One message. */
  encode(payload: Buffer, text: boolean, id: number): Buffer;
  /** What is said when nothing is. */
  heartbeat: Buffer;
  /** What the server says when it has closed the link; empty where the end of the body says so. */
  goodbye: Buffer;
  /** Bytes of what was said that can be asked for again, by the id of the last message that arrived. */
  replayBytes: number;
}
