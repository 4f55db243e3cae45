import { expect, it } from "vitest";
import { measureOverhead } from "./harness-overhead.ts";

it("delivers every message without a transport, and measures CPU time and latency", async () => {
  const overhead = await measureOverhead(1_000, false, 500);
  expect(overhead).toMatchObject({ sent: 500, delivered: 500 });
  expect(overhead.cpuUsPerMessage).toBeGreaterThan(0);
  expect(overhead.latencyP50Us).toBeLessThanOrEqual(overhead.latencyP99Us);
}, 20_000);
