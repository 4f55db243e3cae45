import { describe, expect, it } from "vitest";
import { UserError } from "../lib/errors.ts";
import { checkPorts, restingPorts } from "./ports.ts";
import { scenarios } from "../scenarios.ts";
import { settle } from "../definitions/settings.ts";

const visits = (offeredPerS: number) =>
  settle("visits", scenarios["connect-talk-leave"], { offeredPerS, warmupMs: 5_000, durationMs: 10_000 });
const one = { socketsPerClient: 1 };
const minute = { ports: 28_232, portRestMs: 60_000 };

describe("the ports that rest", () => {
  it("are those of the visits of as long as a port rests, and of no longer than the load lasts", () => {
    expect(restingPorts(visits(200), one, { portRestMs: 1_000 })).toBe(200);
    expect(restingPorts(visits(200), { socketsPerClient: 2 }, { portRestMs: 1_000 })).toBe(400);
    expect(restingPorts(visits(200), one, minute)).toBe(200 * 15);
  });

  it("are none where clients stay, and none that are known where the system does not say", () => {
    expect(restingPorts(settle("echo", scenarios.echo, {}), one, minute)).toBe(0);
    expect(restingPorts(visits(200), one, { portRestMs: undefined })).toBe(0);
  });
});

it("refuses a rate at which all ports would be resting, and says which would not", () => {
  const mostPerS = Math.floor((28_232 * 254) / 15);
  checkPorts("tcp", visits(mostPerS), one, minute);
  checkPorts("tcp", visits(1_000_000), one, { ports: null, portRestMs: undefined });
  const refused = (): void => checkPorts("tcp", visits(1_000_000), one, minute);
  expect(refused).toThrow(UserError);
  expect(refused).toThrow(
    `tcp at --rate 1000000 leaves 15000000 ports in TIME_WAIT, but 254 loopback addresses have 28232 each: lower --rate to ${mostPerS}, ` +
      `make --duration shorter, or have them used again (sysctl net.ipv4.tcp_tw_reuse=2).`,
  );
});
