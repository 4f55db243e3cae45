import type { ByteCounts, Traffic } from "../contract.ts";

/** The traffic of one server between two readings of its counters. */
export function subtractTraffic(after: Traffic, before: Traffic): Traffic {
  return addTraffic(after, before, -1);
}

/** Bytes of all roles together, each way. */
export function bytesOfAllRoles({ wire: { up, down, duplex } }: Pick<Traffic, "wire">): ByteCounts {
  return { in: up.in + down.in + duplex.in, out: up.out + down.out + duplex.out };
}

/** `one` plus `times` times `other`, counter by counter. */
export function addTraffic(one: Traffic, other: Traffic, times: number): Traffic {
  const add = (a: number, b: number): number => a + times * b;
  const role = (a: ByteCounts, b: ByteCounts): ByteCounts => ({ in: add(a.in, b.in), out: add(a.out, b.out) });
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
    pollsAnswered: add(one.pollsAnswered, other.pollsAnswered),
    emptyPollBytes: add(one.emptyPollBytes, other.emptyPollBytes),
  };
}
