import { describe, expect, it } from "vitest";
import type { Limits } from "../system/limits.ts";
import { transports } from "../transports.ts";
import { apportion } from "../workload/shares.ts";
import { clientCapacity, sharesOf } from "./host-shares.ts";

const roomy: Limits = { descriptors: null, ports: 28_232, memoryMib: null, cores: 4 };

describe("the clients that a worker on a host should have", () => {
  it("are at most those that its descriptors allow", () => {
    const limited = { ...roomy, descriptors: 1_024 };
    expect(clientCapacity(transports.ws, limited)).toBe(960);
    expect(clientCapacity(transports["long-poll"], limited)).toBe(480);
    expect(clientCapacity(transports.ws, { ...roomy, descriptors: 10 })).toBe(0);
  });

  it("are at most those that its memory holds, of which a connection over TLS needs more", () => {
    const small = { ...roomy, memoryMib: 560 };
    expect(clientCapacity(transports.ws, small)).toBe(10_240);
    expect(clientCapacity({ ...transports.ws, options: { tls: true } }, small)).toBe(4_551);
    expect(clientCapacity(transports.ws, { ...roomy, memoryMib: 50 })).toBe(0);
  });

  it("are in proportion to its cores, and a part of them where several workers are on it", () => {
    const [two, eight] = [2, 8].map((cores) => clientCapacity(transports.ws, { ...roomy, cores }));
    expect(eight).toBe(4 * two!);
    expect(clientCapacity(transports.ws, { ...roomy, cores: 8 }, 4)).toBe(two);
  });
});

it("a host with few descriptors has a smaller share of the clients, and none more than it can have", () => {
  const hosts = [roomy, { ...roomy, descriptors: 1_024 }, { ...roomy, cores: 2 }];
  const shares = sharesOf(transports.ws, hosts);
  expect(shares).toEqual([80_000, 960, 40_000]);
  for (const clients of [100, 10_000, 120_960])
    for (const [host, part] of apportion(clients, shares).entries()) expect(part).toBeLessThanOrEqual(shares[host]!);
});
