import { expect, it } from "vitest";
import { bottleneckOf, httpLoads, measureHttpThroughput } from "./http-throughput.ts";

const shortLoad = { connections: 5, durationMs: 300 };

it.each(httpLoads)(
  "gets a 2xx response to every $title of $transport",
  async (load) => {
    const result = await measureHttpThroughput(load, shortLoad, new AbortController().signal);
    expect(result.successful).toBeGreaterThan(0);
    expect(result.failed).toBe(0);
    for (const name of ["requestsPerS", "serverCpuUsPerRequest", "serverCpuPercent", "clientCpuPercent"] as const) {
      expect(result[name]).toBeGreaterThan(0);
      expect(result[name]).toBeLessThan(Infinity);
    }
  },
  30_000,
);

it("counts every response without a 2xx status as failed", async () => {
  const load = { ...httpLoads[0], request: () => ({ method: "GET" as const, path: "/poll/nobody?after=0" }) };
  const result = await measureHttpThroughput(load, shortLoad, new AbortController().signal);
  expect(result).toMatchObject({ successful: 0, serverCpuUsPerRequest: undefined });
  expect(result.failed).toBeGreaterThan(0);
}, 30_000);

it("rejects at once when the signal aborts", async () => {
  const reason = new Error("interrupted");
  const measured = measureHttpThroughput(
    httpLoads[0],
    { connections: 5, durationMs: 600_000 },
    AbortSignal.timeout(500),
  );
  await expect(measured).rejects.toThrow(/aborted/);
  await expect(measureHttpThroughput(httpLoads[0], shortLoad, AbortSignal.abort(reason))).rejects.toBe(reason);
}, 30_000);

it.each([
  { bottleneck: "server", server: [90, 100], client: [95, 100], machine: 99 },
  { bottleneck: "autocannon", server: [89, 100], client: [90, 100], machine: 99 },
  { bottleneck: "machine", server: [70, 99], client: [60, 80], machine: NaN },
  { bottleneck: "machine", server: [50, 60], client: [60, 90], machine: 50 },
  { bottleneck: "machine", server: [50, 60], client: [40, 50], machine: 90 },
  { bottleneck: "nothing", server: [50, 60], client: [60, 70], machine: 89 },
  { bottleneck: "nothing", server: [50, 60], client: [60, 70], machine: NaN },
])(
  "finds bottleneck $bottleneck at $server and $client % CPU and busy time, and $machine % of the machine",
  ({ bottleneck, server, client, machine }) => {
    const load = ([cpuPercent, busyPercent]: number[]) => ({ cpuPercent: cpuPercent!, elu: busyPercent! / 100 });
    expect(bottleneckOf(load(server), load(client), machine)).toBe(bottleneck);
  },
);
