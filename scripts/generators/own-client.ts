import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../../scenarios/lib/clock.ts";
import { startClients } from "../../scenarios/load/start-clients.ts";
import { scenarios } from "../../scenarios/scenarios.ts";
import { resolveSettings } from "../../scenarios/definitions/settings.ts";
import { monitorProcess } from "../../scenarios/system/process-usage.ts";
import { echoPayloadBytes, type GeneratorCounts, type GeneratorLoad } from "./generator.ts";
import { runClosedLoop } from "./closed-loop.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import type { DeliveryTally } from "../../results/model/measurement.ts";

/*
 * A program: our own load generator with all measurements of a trial's worker. At a rate it runs the worker's virtual
 * clients. A trial has no closed loop, so there it runs the same clients, payloads, ledger and histograms, and each
 * response causes the next message.
 */

const [name, json] = process.argv.slice(2);
const load = JSON.parse(json!) as GeneratorLoad;
const transport = await loadTransport(name!);
const { socketsPerClient } = transport;
const clients = Math.ceil(load.connections / socketsPerClient);
/** A polling client makes two round trips for each message: a send and a poll. */
const roundTripsPerMessage = socketsPerClient;
/** At a rate, short polling polls as often as it sends. In a closed loop it polls a millisecond after each response. */
const pollIntervalMs = load.ratePerS > 0 ? (1000 * clients * roundTripsPerMessage) / load.ratePerS : 1;
const options = optionsFor(transport, { pollIntervalMs, idleMs: 600_000, heartbeatMs: 600_000 });
const settings = resolveSettings("generators", scenarios.echo, {
  clients,
  ratePerS: load.ratePerS / roundTripsPerMessage,
  payloadBytes: echoPayloadBytes,
  warmupMs: 0,
  durationMs: load.seconds * 1000,
  precise: false,
});
const workerAssignment = { transport: name!, settings, options, addresses: [[load]], worker: 0, inFlight: 256 };

function lost(reason: string): void {
  console.error(reason);
  process.exit(1);
}

async function runAtRate(): Promise<GeneratorCounts> {
  const virtualClients = await startClients(workerAssignment, ({ client, how, reason }) =>
    lost(`client ${client} was ${how}: ${reason}`),
  );
  await virtualClients.connect();
  await virtualClients.verify(nowUs());
  const t0Us = nowUs();
  virtualClients.warmUp(t0Us);
  const { sent: expected } = await virtualClients.runWindow({ t0Us, t1Us: t0Us + load.seconds * 1e6 }); // an echo each
  const tally = (): DeliveryTally => virtualClients.progress().tally;
  const endUs = nowUs() + 3e6;
  while (tally().delivered < expected && nowUs() < endUs) await delay(50);
  return countsOf(tally(), expected);
}

function countsOf(tally: DeliveryTally, expected: number): GeneratorCounts {
  const { delivered, duplicated, reordered, corrupted, unexpected } = tally;
  return { roundTrips: delivered, errors: expected - delivered + duplicated + reordered + corrupted + unexpected };
}

monitorProcess();
if (load.ratePerS > 0) process.stdout.write(JSON.stringify(await runAtRate()), () => process.exit());
else {
  const { tally, expected } = await runClosedLoop(workerAssignment, load.seconds, lost);
  process.stdout.write(JSON.stringify(countsOf(tally, expected)), () => process.exit());
}
