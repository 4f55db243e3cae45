import { describe, expect, it } from "vitest";
import { pingFaults, rowFaults } from "./checks.ts";
import { parseGuestLine, type PingReport } from "./guest-report.ts";

const lossy: PingReport = {
  text: "rtt=80ms,loss=1%",
  sent: 300,
  back: 294,
  shortestMs: 80.1,
  meanMs: 80.6,
  counted: { offered: 597, lost: 6, dropped: 0 },
};

const row = {
  status: "suspect",
  transport: "ws",
  network: "rtt=80ms,loss=1%,cc=cubic",
  network_by: "netem",
  network_rtt_us: 80_400,
  sent: 75,
  expected: 75,
  delivered: 75,
  lost: 0,
} as const;

describe("a path that ping looked at", () => {
  it("is right where it counted exactly the echoes that ping missed", () => {
    expect(pingFaults(lossy)).toEqual([]);
    expect(pingFaults({ ...lossy, counted: { ...lossy.counted, lost: 7 } })).toEqual([
      "ping missed 6 echoes, and the path counted 7 lost packets",
    ]);
  });

  it("is wrong with a loss that its probability does not give, an early echo, a late mean and a full queue", () => {
    const none = { ...lossy, back: 300, counted: { offered: 600, lost: 0, dropped: 0 } };
    expect(pingFaults({ ...lossy, text: "rtt=80ms" })).toEqual(["6 of 597 packets were lost"]);
    expect(pingFaults({ ...none, text: "rtt=80ms,loss=10%" })).toEqual(["0 of 600 packets were lost"]);
    expect(pingFaults({ ...lossy, shortestMs: 79 })).toEqual(["an echo took 79 ms"]);
    expect(pingFaults({ ...lossy, meanMs: 89.1 })).toEqual(["the mean round trip was 89.1 ms in place of 80 ms"]);
    expect(pingFaults({ ...lossy, counted: { ...lossy.counted, dropped: 1 } })).toHaveLength(1);
  });
});

describe("a row", () => {
  it("is right where it is not invalid and has the network that it names", () => {
    expect(rowFaults(row)).toEqual([]);
  });

  it.each([
    [{ status: "invalid", reasons: "why" }, "it is invalid (why)"],
    [{ status: "failed", error: "no server" }, "it is failed (no server)"],
    [{ network_by: "tun" }, "its network is by tun"],
    [{ network_rtt_us: 89_100 }, "its probe took 89100 us"],
    [{ network_rtt_us: undefined }, "its probe took NaN us"],
    [{ delivered: 74, lost: 1 }, "it lost 1 of 75 deliveries"],
    [{ sent: 0, expected: 0, delivered: 0 }, "nothing was sent"],
  ] as const)("with %o is wrong", (change, clause) => {
    expect(rowFaults({ ...row, ...change } as Parameters<typeof rowFaults>[0])).toEqual([clause]);
  });

  it("of udp may lose", () => {
    expect(rowFaults({ ...row, transport: "udp", delivered: 73, lost: 2 })).toEqual([]);
  });
});

it("a report is found behind what the console has put before it, and other lines are none", () => {
  expect(parseGuestLine('\u001b[0m@netem {"kind":"failed","reason":"why"}')).toEqual({ kind: "failed", reason: "why" });
  expect(parseGuestLine("[    1.2] reboot: Power down")).toBeUndefined();
});
