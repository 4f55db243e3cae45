import type { Traffic } from "../contract.ts";
import type { ProcessUsage } from "../system/process-usage.ts";

/** Traffic whose counters are different multiples of `unit`. */
export const trafficWith = (unit: number): Traffic => ({
  wire: {
    up: { in: unit, out: 2 * unit },
    down: { in: 4 * unit, out: 8 * unit },
    duplex: { in: 16 * unit, out: 32 * unit },
  },
  payloadsIn: unit,
  payloadBytesIn: 10 * unit,
  payloadsOut: 2 * unit,
  payloadBytesOut: 20 * unit,
  pollsAnswered: 3 * unit,
  emptyPollBytes: 4 * unit,
});

/** The usage of a process at a moment. */
export const used = (atUs: number, cpuUs: number, rssBytes = 0): ProcessUsage => ({
  atUs,
  cpuUs,
  rssBytes,
  loop: { idle: atUs, active: cpuUs },
  gcUs: 0,
  runDelayUs: undefined,
  loopDelayP99Us: 0,
  loopDelayMaxUs: 0,
  lateDelayUs: 0,
});
