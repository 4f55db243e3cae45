import type { Address } from "../contract.ts";

/** A proxy between clients and a server. It counts the bytes that either side sends. */
export interface Relay {
  /** Address to which clients connect. */
  address: Address;
  /** Bytes from clients so far. */
  in(): number;
  /** Bytes from the server so far. */
  out(): number;
  /** Number of client connections so far, closed ones included. */
  connections(): number;
  /** First bytes of the first client that connected. TCP only. */
  opening?(): Buffer;
  /** Resets every connection, on both sides. TCP only. */
  cut?(): void;
  close(): void;
}

/** A client that does not know the protocol. `leave` ends it without a close handshake. */
export interface RawSender {
  leave(): void;
}
