import { describe, expect, it } from "vitest";
import { UserError } from "../lib/errors.ts";
import { assertPortsSuffice, portsInTimeWait } from "./ports.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings } from "../definitions/settings.ts";

const sessions = (ratePerS: number) =>
  resolveSettings("sessions", scenarios["connect-per-message"], { ratePerS, warmupMs: 5_000, durationMs: 10_000 });
const one = { socketsPerClient: 1 };
const minute = { ports: 28_232, timeWaitMs: 60_000 };

describe("the ports in TIME_WAIT", () => {
  it("are those of the sessions within the time of TIME_WAIT, but at most within the time of the load", () => {
    expect(portsInTimeWait(sessions(200), one, { timeWaitMs: 1_000 })).toBe(200);
    expect(portsInTimeWait(sessions(200), { socketsPerClient: 2 }, { timeWaitMs: 1_000 })).toBe(400);
    expect(portsInTimeWait(sessions(200), one, minute)).toBe(200 * 15);
  });

  it("are none if clients stay connected, or if the system does not report TIME_WAIT", () => {
    expect(portsInTimeWait(resolveSettings("echo", scenarios.echo, {}), one, minute)).toBe(0);
    expect(portsInTimeWait(sessions(200), one, { timeWaitMs: undefined })).toBe(0);
  });
});

it("assertPortsSuffice rejects a rate that would use up all ports, with the highest possible rate", () => {
  const mostPerS = Math.floor((28_232 * 254) / 15);
  const unlimited = { ports: null, timeWaitMs: undefined };
  expect(() => assertPortsSuffice("tcp", sessions(mostPerS), one, minute)).not.toThrow();
  expect(() => assertPortsSuffice("tcp", sessions(1_000_000), one, unlimited)).not.toThrow();
  const tooFast = (): void => assertPortsSuffice("tcp", sessions(1_000_000), one, minute);
  expect(tooFast).toThrow(UserError);
  expect(tooFast).toThrow(
    `tcp at --rate 1000000 leaves 15000000 ports in TIME_WAIT, and 254 loopback addresses have 28232 each: use at most --rate ${mostPerS}, ` +
      `a shorter --duration, or let the kernel reuse ports (sysctl net.ipv4.tcp_tw_reuse=2).`,
  );
});
