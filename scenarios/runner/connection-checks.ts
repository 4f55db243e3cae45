import { setTimeout as delay } from "node:timers/promises";
import type { DeliveryTally } from "../../results/model/measurement.ts";
import { nowUs } from "../lib/clock.ts";
import type { MissingDeliveries } from "../load/missing-deliveries.ts";
import type { Absence } from "../workload/gone-client.ts";
import type { PausedClients } from "./build-measurement.ts";
import { isIdle, type ServerSnapshot } from "./server-snapshot.ts";
import type { TrialProcesses } from "./trial-processes.ts";

/** Time for which a finished drain is watched on, for duplicates that arrive after the last first delivery. */
const settleMs = 100;
/** Time without a byte after which connecting is over, and longest time to wait for it, where only the clients count. */
const silence = { stepMs: 20, limitMs: 500 };
/** Time in which a server may still count a client that has lost its connection. */
const leavingMs = 5_000;
/** Time for clients to disconnect from a server that goes on after the trial. */
const disconnectMs = 3_000;

/**
 * Waits until the servers know `expected` clients, without those that are gone: a client is connected before its last
 * handshake bytes have arrived. Resolves to the servers at that moment. Servers that cannot tell are not waited for, but
 * the last bytes of connecting are, where the clients count them.
 */
export async function waitForClients(
  processes: Pick<TrialProcesses, "snapshot" | "progress">,
  expected: number,
): Promise<ServerSnapshot> {
  for (;;) {
    const snapshot = await processes.snapshot();
    const { connectedClients } = snapshot;
    if (connectedClients === undefined) return waitForSilence(processes, snapshot);
    if (connectedClients >= expected || connectedClients >= expected - (await processes.progress()).gone)
      return snapshot;
    await delay(5);
  }
}

/**
 * The servers before the load. Where the clients count the bytes, deliveries of what verified them may still be on their
 * way: waits for these.
 */
export async function snapshotBeforeLoad(processes: Pick<TrialProcesses, "snapshot">): Promise<ServerSnapshot> {
  const first = await processes.snapshot();
  return first.bytesCountedAt === "clients" ? waitForSilence(processes, first) : first;
}

/** Resolves to the first snapshot after a pause in the bytes, or to the last one that fits into the longest time. */
async function waitForSilence(
  processes: Pick<TrialProcesses, "snapshot">,
  first: ServerSnapshot,
): Promise<ServerSnapshot> {
  let last = first;
  for (const endUs = nowUs() + silence.limitMs * 1000; last.traffic && nowUs() < endUs;) {
    await delay(silence.stepMs);
    const now = await processes.snapshot();
    if (isIdle(last, now)) return now;
    last = now;
  }
  return last;
}

/**
 * Throws where, `withinMs` later, the clients or the servers still have more or fewer connections than `expected`,
 * without those that are gone or about to come back. Servers that the harness did not start are not asked.
 */
export async function assertConnections(
  processes: Pick<TrialProcesses, "snapshot" | "progress">,
  expected: number,
  withinMs: number,
  afterFault = false,
): Promise<void> {
  const endUs = nowUs() + withinMs * 1000;
  for (;;) {
    const snapshot = await processes.snapshot();
    const { open, gone, away } = await processes.progress();
    const present = expected - gone - away;
    const { connectedClients = present } = snapshot;
    // After a fault a server may still have connections whose clients are gone and have new ones.
    if (open === present && (afterFault || connectedClients === present)) return;
    if (nowUs() >= endUs + (gone > 0 ? 1000 * leavingMs : 0))
      throw new Error(
        expected > 0
          ? `connections were lost: of ${present}, ${open} are open at the clients and ${connectedClients} at the servers`
          : `every client has left, but ${open} connections are open at the clients and ${connectedClients} at the servers`,
      );
    await delay(50);
  }
}

/**
 * Waits until `expected` deliveries have arrived, for `limitMs` at most, or until none has for `stillMs`. Resolves to
 * what has arrived.
 */
export async function waitForDeliveries(
  processes: Pick<TrialProcesses, "progress">,
  expected: number,
  limitMs: number,
  stillMs: number,
): Promise<DeliveryTally> {
  const endUs = nowUs() + limitMs * 1000;
  let [before, giveUpUs] = [-1, endUs];
  for (;;) {
    const { delivered } = (await processes.progress(true)).tally;
    if (delivered > before) [before, giveUpUs] = [delivered, Math.min(endUs, nowUs() + stillMs * 1000)];
    if (delivered >= expected || nowUs() >= giveUpUs) break;
    await delay(50);
  }
  await delay(settleMs);
  return (await processes.progress(true)).tally;
}

/** What is missing of the deliveries to the clients of these workers and to the servers, where these clients are gone. */
export async function missingDeliveries(
  active: TrialProcesses["workers"],
  { callServers }: Pick<TrialProcesses, "callServers">,
  gone: readonly Absence[],
): Promise<MissingDeliveries> {
  const perWorker = active.map((each) => each.call("missing", gone));
  const all = [...(await Promise.all(perWorker)), ...(await callServers("missing", gone))];
  const firsts = all.map(({ first }) => first).filter((each) => each !== undefined);
  return {
    first: firsts.toSorted((one, other) => one.message - other.message)[0],
    withConnections: all.reduce((sum, each) => sum + each.withConnections, 0),
  };
}

/** The paused clients, which the last worker plays, and how many of them the server has disconnected. */
export async function readPausedClients(processes: TrialProcesses, clients: number): Promise<PausedClients> {
  const { tally, open, gone } = await processes.workers.at(-1)!.call("progress", undefined);
  return { clients, dropped: clients - open - gone, tally };
}

/** Disconnects every client, so that a server that goes on is as it was before. Gives up after a while. */
export async function disconnectAll(processes: TrialProcesses): Promise<void> {
  const leaving = processes.callWorkers("disconnect", undefined).catch(() => undefined);
  await Promise.race([leaving, delay(disconnectMs, undefined, { ref: false })]);
}
