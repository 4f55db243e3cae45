import { expect, it } from "vitest";
import { bottleneckOf, httpLoads, measureHttpThroughput } from "./http-throughput.ts";

const brief = { connections: 5, durationMs: 300 };

it.each(httpLoads)(
  "has every $title of $transport answered as it should be",
  async (load) => {
    const found = await measureHttpThroughput(load, brief, new AbortController().signal);
    expect(found.answered).toBeGreaterThan(0);
    expect(found.refused).toBe(0);
    for (const name of ["requestsPerS", "serverCpuUsPerRequest", "serverCpuPercent", "clientCpuPercent"] as const) {
      expect(found[name]).toBeGreaterThan(0);
      expect(found[name]).toBeLessThan(Infinity);
    }
  },
  30_000,
);

it("counts as refused what is not answered with 2xx", async () => {
  const load = { ...httpLoads[0], request: () => ({ method: "GET" as const, path: "/poll/nobody?after=0" }) };
  const found = await measureHttpThroughput(load, brief, new AbortController().signal);
  expect(found).toMatchObject({ answered: 0, serverCpuUsPerRequest: undefined });
  expect(found.refused).toBeGreaterThan(0);
}, 30_000);

it("ends at once when it is aborted", async () => {
  const reason = new Error("interrupted");
  const measured = measureHttpThroughput(
    httpLoads[0],
    { connections: 5, durationMs: 600_000 },
    AbortSignal.timeout(500),
  );
  await expect(measured).rejects.toThrow(/aborted/);
  await expect(measureHttpThroughput(httpLoads[0], brief, AbortSignal.abort(reason))).rejects.toBe(reason);
}, 30_000);

it.each([
  { limit: "server", server: [90, 100], client: [95, 100], machine: 99 },
  { limit: "autocannon", server: [89, 100], client: [90, 100], machine: 99 },
  { limit: "machine", server: [70, 99], client: [60, 80], machine: NaN },
  { limit: "machine", server: [50, 60], client: [60, 90], machine: 50 },
  { limit: "machine", server: [50, 60], client: [40, 50], machine: 90 },
  { limit: "nothing", server: [50, 60], client: [60, 70], machine: 89 },
  { limit: "nothing", server: [50, 60], client: [60, 70], machine: NaN },
])(
  "is limited by $limit at $server and $client % CPU and busy, and $machine % of the machine",
  ({ limit, machine, ...used }) => {
    const use = ([cpuPercent, busyPercent]: number[]) => ({ cpuPercent: cpuPercent!, busyPercent: busyPercent! });
    expect(bottleneckOf(use(used.server), use(used.client), machine)).toBe(limit);
  },
);
