import { describe, expect, it } from "vitest";
import { UserError } from "../lib/errors.ts";
import { assertPortsSuffice, portsInTimeWait } from "./ports.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings } from "../definitions/settings.ts";

const sessions = (ratePerS: number) =>
  resolveSettings("visits", scenarios["connect-per-message"], { ratePerS, warmupMs: 5_000, durationMs: 10_000 });
const one = { socketsPerClient: 1 };
const minute = { ports: 28_232, timeWaitMs: 60_000 };

describe("the ports that rest", () => {
  it("are those of the visits of as long as a port rests, and of no longer than the load lasts", () => {
    expect(portsInTimeWait(sessions(200), one, { timeWaitMs: 1_000 })).toBe(200);
    expect(portsInTimeWait(sessions(200), { socketsPerClient: 2 }, { timeWaitMs: 1_000 })).toBe(400);
    expect(portsInTimeWait(sessions(200), one, minute)).toBe(200 * 15);
  });

  it("are none where clients stay, and none that are known where the system does not say", () => {
    expect(portsInTimeWait(resolveSettings("echo", scenarios.echo, {}), one, minute)).toBe(0);
    expect(portsInTimeWait(sessions(200), one, { timeWaitMs: undefined })).toBe(0);
  });
});

it("refuses a rate at which all ports would be resting, and says which would not", () => {
  const mostPerS = Math.floor((28_232 * 254) / 15);
  assertPortsSuffice("tcp", sessions(mostPerS), one, minute);
  assertPortsSuffice("tcp", sessions(1_000_000), one, { ports: null, timeWaitMs: undefined });
  const refused = (): void => assertPortsSuffice("tcp", sessions(1_000_000), one, minute);
  expect(refused).toThrow(UserError);
  expect(refused).toThrow(
    `tcp at --rate 1000000 leaves 15000000 ports in TIME_WAIT, but 254 loopback addresses have 28232 each: lower --rate to ${mostPerS}, ` +
      `make --duration shorter, or have them used again (sysctl net.ipv4.tcp_tw_reuse=2).`,
  );
});
