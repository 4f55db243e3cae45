import { expect, it } from "vitest";
import { measureOverhead } from "./harness-overhead.ts";

it("delivers every message where there is no transport, and says what the harness cost", async () => {
  const found = await measureOverhead(1_000, false, 500);
  expect(found).toMatchObject({ sent: 500, delivered: 500 });
  expect(found.cpuUsPerMessage).toBeGreaterThan(0);
  expect(found.latencyP50Us).toBeLessThanOrEqual(found.latencyP99Us);
}, 20_000);
