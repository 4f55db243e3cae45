import { expect, it } from "vitest";
import { emptyTally } from "../load/delivery-ledger.ts";
import {
  assertConnections,
  missingDeliveries,
  readPausedClients,
  snapshotBeforeLoad,
  waitForClients,
  waitForDeliveries,
} from "./connection-checks.ts";
import type { ServerSnapshot } from "./server-snapshot.ts";
import type { TrialProcesses } from "./trial-processes.ts";

/** A snapshot with this number of clients, after so many bytes; undefined is what is not known. */
function after(bytes: number | undefined, connectedClients?: number): ServerSnapshot {
  const none = { in: 0, out: 0 };
  const counts = { payloadsIn: 0, payloadBytesIn: 0, payloadsOut: 0, payloadBytesOut: 0 };
  const wire = { up: none, down: none, duplex: { in: bytes ?? 0, out: 0 } };
  const traffic = bytes === undefined ? undefined : { wire, ...counts, pollsAnswered: 0, emptyPollBytes: NaN };
  return { usages: [], traffic, connectedClients, received: 0, net: undefined, machineBusyUs: undefined };
}

/** Processes whose clients are all there, but for `gone` ones. */
const clients = (gone = 0) => ({
  progress: () =>
    Promise.resolve({ connected: 2, verified: 0, open: 2 - gone, away: 0, gone, sent: 0, tally: emptyTally }),
});

/** Processes whose snapshots are these, one after another; the last one for ever. */
function reading(...snapshots: ServerSnapshot[]) {
  let readings = 0;
  return {
    ...clients(),
    snapshot: () => Promise.resolve(snapshots[Math.min(readings++, snapshots.length - 1)]!),
    readings: () => readings,
  };
}

it("servers that know their clients are waited for until they know all", async () => {
  const servers = reading(after(1, 0), after(2, 1), after(3, 2), after(4, 2));
  expect(await waitForClients(servers, 2)).toEqual(after(3, 2));
});

it("servers are not waited for until they know clients that are gone", async () => {
  const servers = { ...reading(after(1, 0), after(2, 1), after(3, 1)), ...clients(1) };
  expect(await waitForClients(servers, 2)).toEqual(after(2, 1));
});

it("where the clients count, the first snapshot after a pause has all bytes of connecting", async () => {
  const servers = reading(after(1), after(2), after(3), after(3), after(4));
  expect(await waitForClients(servers, 2)).toEqual(after(3));
  expect(servers.readings()).toBe(4);
});

it("clients that are never silent are not waited for without end", async () => {
  let bytes = 0;
  const found = await waitForClients({ ...clients(), snapshot: () => Promise.resolve(after(bytes++)) }, 2);
  expect(found.traffic!.wire.duplex.in).toBe(bytes - 1);
});

it("where nobody counts, there is nothing to wait for", async () => {
  const servers = reading(after(undefined), after(1));
  expect(await waitForClients(servers, 2)).toEqual(after(undefined));
  expect(servers.readings()).toBe(1);
});

it("before the load, deliveries on their way are waited for where the clients count the bytes", async () => {
  const atClients = (bytes: number): ServerSnapshot => ({ ...after(bytes), bytesCountedAt: "clients" });
  const snapshots = [atClients(1), atClients(2), atClients(2), atClients(3)];
  expect(await snapshotBeforeLoad(reading(...snapshots))).toEqual(atClients(2));
  expect(await snapshotBeforeLoad(reading(after(1, 2), after(2, 2)))).toEqual(after(1, 2));
});

it("connections that differ from what is expected are an error at once", async () => {
  const lost = { ...reading(after(1, 1), after(2, 2)), ...clients() };
  await expect(assertConnections(lost, 2, 0)).rejects.toThrow(
    "connections were lost: of 2, 2 are open at the clients and 1 at the servers",
  );
  const left = { ...reading(after(1, 0)), ...clients() };
  await expect(assertConnections(left, 0, 0)).rejects.toThrow(/^every client has left, but 2 connections are open/);
});

it("a server has time to notice that a client is gone", async () => {
  const servers = { ...reading(after(1, 2), after(1, 2), after(2, 1)), ...clients(1) };
  await assertConnections(servers, 2, 0);
  expect(servers.readings()).toBe(3);
});

/** A process that answers every call with this. */
const answering = (value: unknown) => ({ call: () => Promise.resolve(value) });

it("of what is missing anywhere, the message that was due first is named, and workers that are not asked have no part", async () => {
  const missing = (message: number, withConnections: number) => ({ first: { message }, withConnections });
  const processes = {
    workers: [missing(9, 1), { first: undefined, withConnections: 2 }, missing(1, 100)].map(answering),
    callServers: () => Promise.resolve([missing(4, 10)]),
  } as unknown as TrialProcesses;
  expect(await missingDeliveries(processes.workers.slice(0, -1), processes, [])).toEqual(missing(4, 13));
  expect(await missingDeliveries(processes.workers, processes, [])).toEqual(missing(1, 113));
});

it("the paused clients of the last worker that are neither open nor gone were disconnected by the server", async () => {
  const workers = [answering({}), answering({ open: 2, gone: 1, tally: emptyTally })];
  const processes = { workers } as unknown as TrialProcesses;
  expect(await readPausedClients(processes, 5)).toEqual({ clients: 5, dropped: 2, tally: emptyTally });
});

it.each([
  ["for ever more arrive", () => 1, { limitMs: 1, stillMs: 60_000 }],
  ["no more arrive", () => 0, { limitMs: 60_000, stillMs: 1 }],
])("deliveries are waited for no longer than is allowed while %s", async (_, more, { limitMs, stillMs }) => {
  let delivered = 7;
  const progress = () => {
    delivered += more();
    return Promise.resolve({
      connected: 2,
      verified: 2,
      open: 2,
      away: 0,
      gone: 0,
      sent: 0,
      tally: { ...emptyTally, delivered },
    });
  };
  expect(await waitForDeliveries({ progress }, Infinity, limitMs, stillMs)).toMatchObject({ delivered });
});
