/**
 * Functions with which one transport sends messages to its clients. `Client` is the server half's record of a client,
 * such as a socket.
 */
export interface Carrier<Client, Encoded> {
  /** Turns a message into what `push` accepts. Called once per message, however many clients receive it. */
  encode(payload: Buffer, text: boolean): Encoded;
  /**
   * Set where several messages can be pushed as one. Then all messages of one tick of the event loop leave together.
   */
  concat?(messages: Encoded[]): Encoded;
  /** Hands a message to the connection of a client. Returns false where the connection accepts no more. */
  push(client: Client, encoded: Encoded): boolean;
  /** Bytes that wait for a client in this process. Called after every push, so it must be cheap. */
  queuedBytes(client: Client): number;
  /** Closes the connection as the protocol prescribes, after everything that was pushed before. */
  close(client: Client): void;
  /** Destroys the connection at once. */
  drop(client: Client): void;
  /** Set where the library has a broadcast of its own. */
  openRoom?(): NativeRoom<Client, Encoded>;
  /** Set where `push` only queues. Then the half itself counts payloads out, when they leave. */
  countsPayloadsOut?: true;
}

/** A room of the transport's own library. */
export interface NativeRoom<Client, Encoded> {
  add(client: Client): void;
  delete(client: Client): void;
  push(encoded: Encoded): void;
}
