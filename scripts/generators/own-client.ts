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
 * A program: our generator, with everything on that a trial's worker has on. At a rate it is the worker's own player; in a closed loop,
 * which no trial is, it is the same clients, payloads, ledger and histograms, with each answer sending the next message.
 */

const [name, json] = process.argv.slice(2);
const load = JSON.parse(json!) as GeneratorLoad;
const transport = await loadTransport(name!);
const { socketsPerClient } = transport;
const clients = Math.ceil(load.connections / socketsPerClient);
/** A polling client makes two round trips of each message: it sends, and it asks. */
const roundTripsPerMessage = socketsPerClient;
/** Short polls ask as often as messages are sent; in a closed loop a millisecond after each answer. */
const pollIntervalMs = load.ratePerS > 0 ? (1000 * clients * roundTripsPerMessage) / load.ratePerS : 1;
const options = optionsFor(transport, { pollIntervalMs, idleMs: 600_000, heartbeatMs: 600_000 });
const settings = resolveSettings("peers", scenarios.echo, {
  clients,
  ratePerS: load.ratePerS / roundTripsPerMessage,
  payloadBytes: echoPayloadBytes,
  warmupMs: 0,
  durationMs: load.seconds * 1000,
  precise: false,
});
const order = { transport: name!, settings, options, addresses: [[load]], worker: 0, inFlight: 256 };

function lost(reason: string): void {
  console.error(reason);
  process.exit(1);
}

async function playAtRate(): Promise<GeneratorCounts> {
  const player = await startClients(order, lost);
  await player.connect();
  await player.verify(nowUs());
  const t0Us = nowUs();
  player.warmUp(t0Us);
  const { expected } = await player.runWindow({ t0Us, t1Us: t0Us + load.seconds * 1e6 });
  const tally = (): DeliveryTally => player.progress().tally;
  const endUs = nowUs() + 3e6;
  while (tally().delivered < expected && nowUs() < endUs) await delay(50);
  return accountOf(tally(), expected);
}

function accountOf(tally: DeliveryTally, expected: number): GeneratorCounts {
  const { delivered, duplicated, reordered, corrupted, unexpected } = tally;
  return { roundTrips: delivered, errors: expected - delivered + duplicated + reordered + corrupted + unexpected };
}

monitorProcess();
if (load.ratePerS > 0) process.stdout.write(JSON.stringify(await playAtRate()), () => process.exit());
else {
  const { tally, expected } = await runClosedLoop(order, load.seconds, lost);
  process.stdout.write(JSON.stringify(accountOf(tally, expected)), () => process.exit());
}
