import { expect, it } from "vitest";
import { addNetCounters, backlogDropsIn, machineCpu, netCounters, runDelayUs, timeWaitMs } from "./procfs.ts";
import { proc, writeProc } from "../testing/fake-proc.ts";

it("adds up the dropped packets of all CPUs", () => {
  expect(backlogDropsIn("01dfaa13 0008aad3 00000041 00000000\n01e0298f 0000000a 0000003b 00000000\n")).toBe(
    0x8aad3 + 10,
  );
  expect(backlogDropsIn("")).toBe(0);
});

it("adds user, nice, system and stolen time of all CPUs to the time of programs, and counts interrupts apart", () => {
  const stat = "cpu  1 20 300 9 9 50 6 4000 9 9\ncpu0 7 7 7";
  expect(machineCpu(stat)).toEqual({ programsUs: 4_321 * 10_000, interruptsUs: 56 * 10_000 });
});

it("the wait of the main thread for a CPU is the second number of schedstat, from nanoseconds to microseconds", () => {
  expect(runDelayUs(proc)).toBeUndefined();
  writeProc("self/schedstat", "111000 5500 333\n");
  expect(runDelayUs(proc)).toBe(5.5);
});

it("the kernel's counters are found by their names", () => {
  writeProc("self/net/snmp", "Ip: A B\nIp: 1 2\nTcp: InSegs OutSegs RetransSegs\nTcp: 1000 200 30\n");
  expect(netCounters(proc)).toBeUndefined();
  writeProc(
    "self/net/netstat",
    "TcpExt: X ListenOverflows\nTcpExt: 5 6\nIpExt: InOctets OutOctets\nIpExt: 70000 8000\n",
  );
  writeProc("self/net/softnet_stat", "0000000f 00000002 00000000\n");
  expect(netCounters(proc)).toEqual({
    segments: 230,
    retransmissions: 30,
    octets: 8_000,
    listenOverflows: 6,
    netdevBacklogDrops: 2,
  });
});

it("counters of two network namespaces add up, and those of the whole machine count once", () => {
  const of = (unit: number) => ({
    segments: unit,
    retransmissions: 2 * unit,
    octets: 3 * unit,
    listenOverflows: 4 * unit,
    netdevBacklogDrops: 5 * unit,
  });
  expect(addNetCounters(of(1), of(10))).toEqual({ ...of(11), netdevBacklogDrops: 5 });
  expect([addNetCounters(of(1)), addNetCounters(undefined, of(1))]).toEqual([of(1), undefined]);
});

it.each([
  ["0", undefined, 60_000],
  ["0", "500", 60_000],
  ["1", undefined, 1_000],
  ["2", undefined, 1_000],
  ["2", "500", 500],
])("where tcp_tw_reuse is %s and its delay %s, a port is free again after %d ms", (reuse, delay, expected) => {
  writeProc("sys/net/ipv4/tcp_tw_reuse", `${reuse}\n`);
  if (delay !== undefined) writeProc("sys/net/ipv4/tcp_tw_reuse_delay", `${delay}\n`);
  expect(timeWaitMs(proc)).toBe(expected);
});

it("where the system does not tell, the time until a port is free again is unknown", () => {
  expect(timeWaitMs(proc)).toBeUndefined();
});
