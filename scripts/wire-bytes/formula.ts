import type { Address, ByteCounts, Options, Role } from "../../scenarios/contract.ts";

/** What bytes depend on beside the message: a `Host` header names the address, some handshakes tell time-outs. */
export interface ByteContext {
  address: Address;
  options: Options;
  /** Messages that the client has had so far, the one that is weighed included. */
  received: number;
  /** What the header `Date` says. */
  date: string;
  /** What the client begins a connection with, where the address has a certificate: the record of its hello. */
  hello?: Buffer;
}

/** What something costs on the TCP streams or in datagrams, payload included, by role and seen from the server; a role left out carries nothing. */
export interface ByteCost extends Partial<Record<Role, ByteCounts>> {
  /** Asks that were answered in it, in transports that ask; default 0. */
  polls?: number;
  /** What of its bytes are those of asks that brought nothing; default 0. */
  emptyBytes?: number;
  /** Handshakes of TLS in it, by role: each may be a few bytes shorter, by the luck of a signature. Default none. */
  handshakes?: Partial<Record<Role, number>>;
}

/** What a transport must cost, to the byte, as its protocol says. */
export interface WireFormula {
  /** From a client's first byte until nothing more comes by itself at once; left out where that depends on the date. */
  setUp?(place: ByteContext): ByteCost;
  /** Milliseconds for which a set-up may pause before it goes on by itself. Default 0. */
  pauseMs?: number;
  /** One message from client to server, and what answers it. */
  send(payload: Buffer, text: boolean, place: ByteContext): ByteCost;
  /** One message from server to client, and what asks for it. */
  delivery(payload: Buffer, text: boolean, place: ByteContext): ByteCost;
  /** What may come between what is weighed any number of times, such as an ask that finds nothing. */
  backgroundTraffic?(place: ByteContext): readonly ByteCost[];
  /** One round of what goes to and fro while nobody says anything; left out where nothing does. */
  idle?: { name: "empty ask" | "heartbeat"; cost(place: ByteContext): ByteCost };
  /** Set where what was said before in the same second makes it cheaper to say again: then the second of two is weighed. */
  remembers?: true;
}
