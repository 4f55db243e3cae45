import { expect, it } from "vitest";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { nowUs } from "../lib/clock.ts";
import { until } from "../lib/until.ts";
import { scenarios } from "../scenarios.ts";
import { answer, chat, openClients as open, refuseDial, small, type Dialled } from "../testing/dialled-clients.ts";
import type { GoneClient } from "../workload/gone-client.ts";
import type { WorkerAssignment } from "./virtual-clients.ts";

it("a refused client is noted, the others go on, and disconnecting does not wait for it", async () => {
  const { clients, dialled, gone } = open({}, (client) =>
    client.target.client === 1 ? refuseDial(client) : undefined,
  );
  await clients.connect();
  expect(clients.progress()).toMatchObject({ connected: 2, open: 2, gone: 1 });
  expect(gone).toMatchObject([{ client: 1, how: "refused", reason: "1 is not let in" }]);
  await clients.disconnect();
  expect(clients.progress()).toMatchObject({ open: 0, gone: 1 });
  const byClient = dialled.toSorted((one, other) => one.target.client - other.target.client);
  expect(byClient.map(({ closes, target }) => [target.client, closes])).toEqual([
    [0, 1],
    [1, 0],
    [2, 1],
  ]);
});

it("disconnecting also ends the connections that become ready meanwhile, begins no other, and notes nobody", async () => {
  let accept!: (then: (client: Dialled) => unknown) => void;
  const both = new Promise<(client: Dialled) => unknown>((resolve) => (accept = resolve));
  const { clients, dialled, gone } = open({ inFlight: 2 }, async (client) => (await both)(client));
  const connecting = clients.connect();
  let hasEnded = false;
  const ending = clients.disconnect().then(() => (hasEnded = true));
  await Promise.resolve();
  expect([dialled.length, hasEnded]).toEqual([2, false]);
  accept((client) => (client === dialled[0] ? refuseDial(client) : undefined));
  await Promise.all([connecting, ending]);
  expect(dialled.map(({ closes }) => closes)).toEqual([0, 1]);
  expect(gone).toEqual([]);
});

it("no more clients connect at once than may", async () => {
  let [now, most] = [0, 0];
  const { clients } = open({ inFlight: 2, settings: chat(7) }, async () => {
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
  });
  await clients.connect();
  expect([clients.progress().connected, most]).toEqual([7, 2]);
});

it("connect times are in whole microseconds, one of each client that was let in", async () => {
  const { clients } = open({}, (client) =>
    client.target.client === 1 ? refuseDial(client) : new Promise((resolve) => setTimeout(resolve, 20)),
  );
  await clients.connect();
  const times = mergeHistograms([clients.histograms().connect]);
  expect(times.totalCount).toBe(2);
  expect(times.getValueAtPercentile(0)).toBeGreaterThan(19_000); // a timer may fire a little early
});

it("clients are spread over the period of their periodic work, except in a trial of idle clients", async () => {
  const phasesOf = async (assignment: Partial<WorkerAssignment>) => {
    const { clients, dialled } = open(assignment);
    await clients.connect();
    return dialled.map(({ target }) => target.phase).toSorted((one, other) => one - other);
  };
  const spread = await phasesOf({ settings: chat(4) });
  expect(spread.map((phase) => Math.floor(4 * phase))).toEqual([0, 1, 2, 3]);
  const idle = resolveSettings("idle-100", scenarios["idle-100"], { ...small, clients: 4 });
  expect(await phasesOf({ settings: idle })).toEqual([0, 0, 0, 0]);
});

it("each client enters its room, and a wrong answer is an error that names client and answer", async () => {
  const right = open({});
  await right.clients.connect();
  const verified = right.clients.verify(nowUs());
  await until(() => right.dialled.every(({ sent }) => sent.length > 0), "all have entered");
  for (const client of right.dialled) answer(client);
  await verified;
  expect(right.clients.progress().verified).toBe(3);
  expect(right.dialled.flatMap(({ sent }) => sent)).toEqual(["room 0", "room 0", "room 0"]);

  const wrong = open({ settings: chat(1) });
  await wrong.clients.connect();
  const failing = wrong.clients.verify(nowUs());
  failing.catch(() => undefined);
  await until(() => wrong.dialled[0]!.sent.length > 0, "the client has entered");
  answer(wrong.dialled[0]!, "who?");
  await expect(failing).rejects.toThrow('client 0 entered its room and was answered "who?"');
});

it("on a server that serves others too, a client waits until its own answer comes", async () => {
  const { clients, dialled } = open({ settings: chat(1), roomPrefix: "t1" });
  await clients.connect();
  const verified = clients.verify(nowUs());
  await until(() => dialled[0]!.sent.length > 0, "the client has entered");
  answer(dialled[0]!, "room t2-0");
  expect(clients.progress().verified).toBe(0);
  answer(dialled[0]!);
  await verified;
  expect([dialled[0]!.sent, clients.progress().verified]).toEqual([["room t1-0"], 1]);
});

it("a client that is dropped while it enters is noted and not waited for, and one that is refused does not enter", async () => {
  const { clients, dialled, gone } = open({}, (client) =>
    client.target.client === 2 ? refuseDial(client) : undefined,
  );
  await clients.connect();
  const verified = clients.verify(nowUs());
  const present = dialled.filter(({ target }) => target.client !== 2);
  await until(() => present.every(({ sent }) => sent.length > 0), "both have entered");
  answer(present[0]!);
  present[1]!.handler.closed(new Error("read ECONNRESET"));
  await verified;
  expect(clients.progress()).toMatchObject({ verified: 1, open: 1, gone: 2 });
  expect(gone.map(({ how }) => how)).toEqual(["refused", "dropped"]);
});

it("the silence of a client that never had a message is the time since it joined", async () => {
  const { clients, dialled } = open({});
  const fromUs = nowUs();
  await clients.connect();
  dialled[0]!.handler.closed();
  const [{ silentUs }] = clients.gone() as [GoneClient];
  expect(silentUs).toBeGreaterThanOrEqual(0);
  expect(silentUs).toBeLessThanOrEqual(nowUs() - fromUs);
});

it("a paused client may be disconnected in the window, and not before", async () => {
  const { clients, dialled, gone } = open({ settings: chat(6, { senders: 1, pausedClients: 2 }), worker: 1 });
  await clients.connect();
  expect(dialled).toHaveLength(2);
  dialled[0]!.handler.closed();
  expect(gone).toHaveLength(1);
  const t0Us = nowUs();
  clients.warmUp(t0Us);
  await clients.runWindow({ t0Us, t1Us: t0Us });
  dialled[1]!.handler.closed();
  expect(clients.progress()).toMatchObject({ open: 0, gone: 1 });
});

it("a client that is not paused is noted in the window, too", async () => {
  const { clients, dialled } = open({ settings: chat(1) });
  await clients.connect();
  const t0Us = nowUs();
  clients.warmUp(t0Us);
  await clients.runWindow({ t0Us, t1Us: t0Us });
  dialled[0]!.handler.closed();
  expect(clients.progress()).toMatchObject({ open: 0, gone: 1 });
});
