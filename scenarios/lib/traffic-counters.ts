import type { Bytes, Traffic } from "../contract.ts";

/** What was carried between two moments of one server. */
export function difference(after: Traffic, before: Traffic): Traffic {
  return plus(after, before, -1);
}

/** One traffic and so many `times` another, counter by counter. */
export function plus(one: Traffic, other: Traffic, times: number): Traffic {
  const add = (a: number, b: number): number => a + times * b;
  const role = (a: Bytes, b: Bytes): Bytes => ({ in: add(a.in, b.in), out: add(a.out, b.out) });
  return {
    wire: {
      up: role(one.wire.up, other.wire.up),
      down: role(one.wire.down, other.wire.down),
      duplex: role(one.wire.duplex, other.wire.duplex),
    },
    payloadsIn: add(one.payloadsIn, other.payloadsIn),
    payloadBytesIn: add(one.payloadBytesIn, other.payloadBytesIn),
    payloadsOut: add(one.payloadsOut, other.payloadsOut),
    payloadBytesOut: add(one.payloadBytesOut, other.payloadBytesOut),
    exchanges: add(one.exchanges, other.exchanges),
    emptyBytes: add(one.emptyBytes, other.emptyBytes),
  };
}
