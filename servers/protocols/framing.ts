/** How messages lie one after another on a byte stream. */
export interface Framing {
  /** One message with what is around it, in one buffer, to be handed to any number of sockets. */
  frame(payload: Buffer, text: boolean): Buffer;
  /**
   * A reader that takes the stream in whatever pieces it comes and hands each payload on as soon as it is whole. What is no message, or
   * one with a payload above `maxPayloadBytes`, it tells to `refuse`, once, keeps no more of it than it needs to know, and reads no further.
   */
  reader(
    maxPayloadBytes: number,
    receive: (payload: Buffer, text: boolean) => void,
    refuse: (error: Error) => void,
  ): (chunk: Buffer) => void;
}
