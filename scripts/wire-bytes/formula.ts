import type { Address, ByteCounts, Options, Role } from "../../scenarios/contract.ts";

/** Everything except the message that the bytes on the wire depend on. */
export interface ByteContext {
  /** The server's address: the `Host` header names it. */
  address: Address;
  /** The transport's options: some handshakes carry time-outs. */
  options: Options;
  /** Number of messages that the client has received so far, the measured one included. */
  received: number;
  /** Value of the `Date` header. */
  date: string;
  /** First TLS record of the client (its ClientHello). Only where the address has a certificate. */
  hello?: Buffer;
}

/**
 * Cost of something in bytes on the TCP streams or in datagrams, by role, seen from the server, payload included. A
 * role that is left out carries nothing.
 */
export interface ByteCost extends Partial<Record<Role, ByteCounts>> {
  /** Number of polls that were answered. Default 0. */
  polls?: number;
  /** Bytes of polls that brought no message: a part of the bytes above. Default 0. */
  emptyPollBytes?: number;
  /**
   * Number of TLS handshakes, by role. The signature in each may be a few bytes shorter than the longest. Default:
   * none.
   */
  handshakes?: Partial<Record<Role, number>>;
}

/** Exact number of bytes that a transport's protocol requires, one function for each thing that can be measured. */
export interface WireFormula {
  /**
   * From the client's first byte until the connection is idle. Left out where the number of bytes depends on the date.
   */
  setUp?(context: ByteContext): ByteCost;
  /** Milliseconds for which a set-up may pause before it continues by itself. Default 0. */
  setUpPauseMs?: number;
  /** One message from client to server, with its response. */
  send(payload: Buffer, text: boolean, context: ByteContext): ByteCost;
  /** One message from server to client, with the poll that fetches it. */
  delivery(payload: Buffer, text: boolean, context: ByteContext): ByteCost;
  /** Traffic that may occur any number of times during a measurement, such as an empty poll. */
  backgroundTraffic?(context: ByteContext): readonly ByteCost[];
  /** One round of the traffic on an idle connection. Left out where there is none. */
  idle?: { name: "empty poll" | "heartbeat"; cost(context: ByteContext): ByteCost };
  /**
   * Set where header compression makes a repeated message smaller than the first one (HPACK, RFC 7541). Then the second
   * of two messages within one second is measured, because the `Date` header changes every second.
   */
  compressesHeaders?: true;
}
