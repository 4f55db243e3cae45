import { expect, it } from "vitest";
import { parseFault } from "../definitions/fault.ts";
import { nowUs } from "../lib/clock.ts";
import { readStamp } from "../lib/message-stamp.ts";
import { until } from "../lib/until.ts";
import { answer, chat, openClients, type Dialled } from "../testing/dialled-clients.ts";
import type { Strike } from "./interruptions.ts";
import type { WorkerAssignment } from "./virtual-clients.ts";

const fault = parseFault("--fault", "cut:100%@0s");

/** Clients that are all in their rooms, in a trial with a fault, before the load. The answers have this position. */
async function openPresent(changes: object = {}, assignment: Partial<WorkerAssignment> = {}, position = "") {
  const opened = openClients({ settings: chat(3, { fault, ...changes }), ...assignment });
  const { clients, dialled } = opened;
  await clients.connect();
  const verified = clients.verify(nowUs());
  await until(() => dialled.every(({ sent }) => sent.length > 0), "all have entered");
  for (const client of dialled) answer(client, client.sent[0]! + position);
  await verified;
  /** Sends the messages of the window, of which each is due at its beginning or up to 20 ms later. */
  const runWindow = async (): Promise<number> => {
    const t0Us = nowUs();
    clients.warmUp(t0Us);
    await clients.runWindow({ t0Us, t1Us: t0Us + 20_000 });
    return t0Us;
  };
  return { ...opened, runWindow };
}

/** The messages of the load that a client has sent. */
const messagesOf = ({ sent }: Dialled): string[] => sent.filter((text) => !text.startsWith("room"));

/** What the fault did to each client, where it met them all from `beginUs` on. */
const reportOf = ({ clients, dialled }: Awaited<ReturnType<typeof openPresent>>, beginUs: number) =>
  clients.faultReport(dialled.map(({ target }): Strike => ({ client: target.client, beginUs, endUs: beginUs })));

it("a client that is lost is away, enters its room again when it is back, and is present when it is answered", async () => {
  const opened = await openPresent();
  const { clients, dialled, gone, runWindow } = opened;
  const [first] = dialled as [Dialled];
  const t0Us = await runWindow();
  first.handler.lost!();
  expect(clients.progress()).toMatchObject({ open: 2, away: 1, gone: 0 });
  first.handler.back!(false);
  expect(clients.progress()).toMatchObject({ open: 3, away: 0, gone: 0 });
  expect(first.sent.filter((text) => text.startsWith("room"))).toEqual(["room 0", "room 0"]);
  first.handler.receive(Buffer.from("something else"), true);
  const ofFirst = () => reportOf(opened, t0Us).interruptions.find(({ client }) => client === first.target.client);
  expect(ofFirst()).toMatchObject({ gaveUp: true });
  answer(first, "room 0");
  expect(ofFirst()).toMatchObject({ gaveUp: false });
  expect(ofFirst()!.detectUs).toBeGreaterThan(0);
  expect(ofFirst()!.backUs).toBeGreaterThanOrEqual(ofFirst()!.detectUs);
  expect(gone).toEqual([]);
  expect(clients.progress().tally.unexpected).toBe(0);
});

it("a session that resumes does not enter again", async () => {
  const opened = await openPresent();
  const { dialled, runWindow } = opened;
  const t0Us = await runWindow();
  dialled[0]!.handler.lost!();
  dialled[0]!.handler.back!(true);
  expect(dialled[0]!.sent.filter((text) => text.startsWith("room"))).toEqual(["room 0"]);
  expect(reportOf(opened, t0Us).interruptions.map(({ gaveUp }) => gaveUp)).toEqual([false, false, false]);
});

it("a client that enters again and is lost before the answer enters once more, or waits where its session goes on", async () => {
  const opened = await openPresent();
  const { dialled, runWindow } = opened;
  const [{ handler, sent }] = dialled as [Dialled];
  const t0Us = await runWindow();
  const isBack = (): boolean => !reportOf(opened, t0Us).interruptions.some(({ gaveUp }) => gaveUp);
  for (const resumed of [false, true]) {
    handler.lost!();
    handler.back!(resumed);
  }
  const entries = (): number => sent.filter((text) => text.startsWith("room")).length;
  expect([entries(), isBack()]).toEqual([2, false]);
  handler.lost!();
  handler.back!(false);
  expect([entries(), isBack()]).toEqual([3, false]);
  handler.receive(Buffer.from("room 0"), true);
  expect(isBack()).toBe(true);
});

it("what was due at a client without a connection is said when it is in its room, and its lag counts from when it was due", async () => {
  const opened = await openPresent({}, { settings: chat(1, { fault, senders: 1 }) });
  const { dialled, runWindow } = opened;
  const [client] = dialled as [Dialled];
  client.handler.lost!();
  const t0Us = await runWindow();
  expect(messagesOf(client)).toEqual([]);
  client.handler.back!(false);
  expect(messagesOf(client)).toEqual([]);
  answer(client, "room 0");
  const stamps = messagesOf(client).map((text) => {
    const stamp = { sender: -1, seq: -1, lagUs: -1 };
    readStamp(Buffer.from(text), stamp);
    return stamp;
  });
  expect(stamps.map(({ seq }) => seq)).toEqual([0, 1]);
  const ages = stamps.map(({ lagUs }) => lagUs);
  expect(ages[0]).toBeGreaterThanOrEqual(ages[1]!);
  expect(ages[0]).toBeGreaterThan(0);
  expect(ages[0]).toBeLessThanOrEqual(nowUs() - t0Us);
  expect(reportOf(opened, t0Us).unsaid).toBe(2);
  client.handler.lost!();
  client.handler.back!(true);
  expect([messagesOf(client).length, reportOf(opened, t0Us).unsaid]).toEqual([2, 2]);
});

it("a client that gives up while it is away is gone, and nobody counts it twice", async () => {
  const { clients, dialled, gone } = await openPresent();
  dialled[0]!.handler.lost!();
  dialled[0]!.handler.closed(new Error("gave up"));
  expect(clients.progress()).toMatchObject({ open: 2, away: 0, gone: 1 });
  expect(gone).toMatchObject([{ how: "dropped", reason: "gave up" }]);
});

it("a client that was back and is dropped then is gone", async () => {
  const { clients, dialled } = await openPresent();
  dialled[0]!.handler.lost!();
  dialled[0]!.handler.back!(true);
  dialled[0]!.handler.closed(new Error("read ECONNRESET"));
  expect(clients.progress()).toMatchObject({ open: 2, away: 0, gone: 1 });
});

it("disconnecting waits for the clients that are away, too", async () => {
  const { clients, dialled } = await openPresent();
  for (const { handler } of dialled) handler.lost!();
  let hasEnded = false;
  const ending = clients.disconnect().then(() => (hasEnded = true));
  expect(hasEnded).toBe(false);
  await ending;
  expect(dialled.map(({ closes }) => closes)).toEqual([1, 1, 1]);
  expect(clients.progress()).toMatchObject({ open: 0, away: 0, gone: 0 });
});

it("a client that is lost and back before it has entered enters once", async () => {
  const { clients, dialled } = openClients({ settings: chat(2, { fault }) });
  await clients.connect();
  dialled[0]!.handler.lost!();
  dialled[0]!.handler.back!(false);
  const verified = clients.verify(nowUs());
  await until(() => dialled.every(({ sent }) => sent.length > 0), "both have entered");
  dialled[1]!.handler.lost!();
  dialled[1]!.handler.back!(false);
  expect(dialled.map(({ sent }) => sent)).toEqual([["room 0"], ["room 0", "room 0"]]);
  for (const client of dialled) answer(client);
  await verified;
  expect(clients.progress()).toMatchObject({ verified: 2, open: 2, away: 0 });
});

it("a client that speaks a dialect has entered when it is connected again", async () => {
  const dialect = {} as NonNullable<WorkerAssignment["dialect"]>;
  const { clients, dialled } = openClients({ settings: chat(1, { fault }), dialect });
  await clients.connect();
  await clients.verify(nowUs());
  dialled[0]!.handler.lost!();
  dialled[0]!.handler.back!(false);
  expect(dialled[0]!.sent).toEqual([]);
  expect(clients.progress()).toMatchObject({ open: 1, away: 0 });
});

/** A client in a room with a history of ten messages, which had 120 when it entered, and which gets messages. */
async function openWithHistory() {
  const opened = await openPresent({ historyMessages: 10 }, {}, " @120");
  await opened.runWindow();
  const [client] = opened.dialled as [Dialled];
  const receive = (count: number): void => {
    for (let i = 0; i < count; i++) client.handler.receive(Buffer.from("a message"), true);
  };
  /** The client is cut. It enters again, and the room has had so many messages, of which it sends the ones it has. */
  const comeBack = (length: number, replayed: number): string => {
    client.handler.lost!();
    client.handler.back!(false);
    const entry = client.sent.at(-1)!;
    client.handler.receive(Buffer.from(`room 0 @${length}`), true);
    receive(replayed);
    return entry;
  };
  return { receive, comeBack };
}

it("a client counts the messages of its room, and says its count when it comes back", async () => {
  const { receive, comeBack } = await openWithHistory();
  receive(14);
  expect(comeBack(137, 3)).toBe("room 0 @134");
  expect(comeBack(137, 0)).toBe("room 0 @137");
});

it("a client whose history was too short goes on from the end of it, and asks for nothing twice", async () => {
  const { receive, comeBack } = await openWithHistory();
  expect(comeBack(200, 10)).toBe("room 0 @120");
  receive(2);
  expect(comeBack(202, 0)).toBe("room 0 @202");
});

it("a client goes on from the beginning of the history of a server that has started again", async () => {
  const { receive, comeBack } = await openWithHistory();
  receive(14);
  expect(comeBack(3, 0)).toBe("room 0 @134");
  receive(5);
  expect(comeBack(8, 0)).toBe("room 0 @8");
});
