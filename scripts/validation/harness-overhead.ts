import { fileURLToPath } from "node:url";
import { nowUs } from "../../scenarios/lib/clock.ts";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { processUsage, snapshotsAt } from "../../scenarios/system/process-usage.ts";
import { loadBetween } from "../../scenarios/runner/server-snapshot.ts";
import { startClients } from "../../scenarios/load/start-clients.ts";
import { defaultOptions } from "../../scenarios/transports/load-transport.ts";
import { scenarios } from "../../scenarios/scenarios.ts";
import type { GoneClient } from "../../scenarios/workload/gone-client.ts";
import { resolveSettings } from "../../scenarios/definitions/settings.ts";

/** Latency and CPU time of the harness at a rate, without a transport between sender and receiver. */
export interface HarnessOverhead {
  sent: number;
  delivered: number;
  latencyP50Us: number;
  latencyP99Us: number;
  /** CPU time of this process per message: scheduling, stamping, checking, accounting and recording. */
  cpuUsPerMessage: number;
  /** CPU of this process in percent of one core. */
  cpuPercent: number;
}

/** Runs the echo scenario at this rate without a transport, in this process, after a warm-up of one second. */
export async function measureOverhead(
  ratePerS: number,
  precise: boolean,
  durationMs: number,
): Promise<HarnessOverhead> {
  const overrides = { ratePerS, durationMs, warmupMs: 1_000 };
  const settings = { ...resolveSettings("overhead", scenarios.echo, overrides), precise };
  const lost = ({ client, how, reason }: GoneClient): never => {
    throw new Error(`client ${client} was ${how}: ${reason}`);
  };
  const transport = fileURLToPath(new URL("./null-transport.js", import.meta.url));
  const addresses = [[{ host: "", port: 0 }]];
  const clients = await startClients(
    { transport, settings, options: defaultOptions, addresses, worker: 0, inFlight: 1 },
    lost,
  );
  await clients.connect();
  await clients.verify(nowUs());
  const startUs = nowUs();
  clients.warmUp(startUs);
  const t0Us = startUs + settings.warmupMs * 1000;
  const t1Us = t0Us + durationMs * 1000;
  const usages = snapshotsAt([{ timeUs: t0Us }, { timeUs: t1Us }], () => processUsage());
  const { sent } = await clients.runWindow({ t0Us, t1Us });
  const [first, last] = await usages;
  const latency = mergeHistograms([clients.histograms().latency]);
  const { cpuUs, cpuPercent } = loadBetween(first!, last!);
  return {
    sent,
    delivered: clients.progress().tally.delivered,
    latencyP50Us: latency.getValueAtPercentile(50),
    latencyP99Us: latency.getValueAtPercentile(99),
    cpuUsPerMessage: cpuUs / sent,
    cpuPercent,
  };
}
