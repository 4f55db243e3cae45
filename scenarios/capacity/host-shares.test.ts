import { describe, expect, it } from "vitest";
import type { Limits } from "../system/limits.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";
import { shareClients } from "./host-shares.ts";

const roomy: Limits = { descriptors: null, ports: 28_232, memoryMib: null, cores: 2 };
const few: Limits = { ...roomy, descriptors: 1_024 };
const overTls: Transport = { ...transports.ws, options: { tls: true } };

const sharesOf = (hosts: readonly Limits[], clients: number, load: Transport = transports.ws, workers?: number) =>
  shareClients(load, hosts, { clients, workers });

describe("hosts have shares of the clients", () => {
  it("that are equal where the hosts are, each in one process", () => {
    expect(sharesOf([roomy, roomy], 100)).toEqual({ processes: [1, 1], shares: [50, 50] });
  });

  it("in proportion to their cores", () => {
    expect(sharesOf([roomy, { ...roomy, cores: 8 }], 1_000)).toEqual({ processes: [1, 1], shares: [200, 800] });
  });

  it("in proportion to what their descriptors hold where that is less: 960 clients of 1,024, or 480 with two sockets each", () => {
    expect(sharesOf([few, { ...roomy, descriptors: 2_944 }], 3_840).shares).toEqual([960, 2_880]);
    expect(sharesOf([few, { ...roomy, descriptors: 2_944 }], 1_920, transports["long-poll"]).shares).toEqual([
      480, 1_440,
    ]);
    expect(sharesOf([few, roomy], 40_960).shares).toEqual([960, 40_000]);
    expect(sharesOf([few, roomy], 4_096).shares).toEqual([96, 4_000]);
  });

  it("in proportion to what their memory holds where that is less, of which a connection over TLS needs more", () => {
    const small = { ...roomy, memoryMib: 560 };
    expect(sharesOf([small, roomy], 50_240).shares).toEqual([10_240, 40_000]);
    expect(sharesOf([small, roomy], 44_551, overTls).shares).toEqual([4_551, 40_000]);
  });

  it("that a host can hold, however many clients there are for each core", () => {
    expect(sharesOf([few, roomy], 500_960).shares[0]).toBeLessThanOrEqual(960);
    expect(sharesOf([few, few], 1_920).shares).toEqual([960, 960]);
  });

  it("in more processes where one each cannot have all clients", () => {
    expect(sharesOf([few, few], 3_000)).toEqual({ processes: [2, 2], shares: [750, 750, 750, 750] });
  });

  it("in the processes that a user wants, dealt to the hosts", () => {
    expect(sharesOf([roomy, roomy], 100, transports.ws, 3)).toEqual({ processes: [2, 1], shares: [25, 25, 50] });
  });

  it("that are all of the clients, whatever hosts there are", () => {
    for (const clients of [1, 2, 7, 100, 12_345])
      for (const cores of [1, 3, 7]) {
        const { shares } = sharesOf([{ ...few, cores }, roomy, { ...roomy, cores: 1.5 }], clients);
        expect(shares.reduce((sum, each) => sum + each)).toBe(clients);
      }
  });
});

it("clients that no host can hold are refused", () => {
  expect(() => sharesOf([{ ...few, memoryMib: 4_000 }], 1_000_000)).toThrow(
    /^The 1 client hosts cannot hold 1000000 clients/,
  );
});
