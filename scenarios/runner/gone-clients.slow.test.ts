import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { resolveSettings, type Settings } from "../definitions/settings.ts";
import type { Target } from "../definitions/target.ts";
import { scenarios } from "../scenarios.ts";
import { startChatTarget, type ChatHabits, type ChatTarget } from "../testing/chat-target.ts";
import { runTrial } from "./run-trial.ts";

let server: ChatTarget | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** One client that sends five messages a second, at even distances, and clients that listen. No warm-up. */
const base: Settings = {
  ...resolveSettings("chat-100", scenarios["chat-100"], { clients: 10, ratePerS: 5, warmupMs: 0, durationMs: 4_000 }),
  senders: 1,
  arrivals: "even",
};
const never = new AbortController().signal;

async function measure(target: Target, changes: Partial<Settings>, transport = "ws") {
  const settings = { ...base, ...changes };
  const measured = await runTrial({ transport, repeat: 1, settings, target }, never, () => undefined);
  const { clients } = settings;
  const keys = { transport, clients, duration_s: settings.durationMs / 1000 } as RowKeys;
  return { measured, row: buildRow(keys, measured) };
}

async function measureWith(habits: ChatHabits, changes: Partial<Settings> = {}) {
  server = await startChatTarget(habits);
  return measure(server.target, changes);
}

const sound = { duplicated: 0, reordered: 0, corrupted: 0, unexpected: 0 };

it("a server that kicks every client once: what was due before each kick is expected, and the kicked speaker sends no more", async () => {
  const { row, measured } = await measureWith(
    {
      // A listener is closed before each of the first nine messages is passed on.
      hears: (number, speaker, members) => members.filter((each) => each !== speaker)[number - 1]?.socket.close(),
      passed: (number, speaker) => number === 12 && speaker.socket.close(),
    },
    { workers: 2 },
  );
  const ofListeners = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9;
  expect(row).toMatchObject({
    ...sound,
    sent: 12,
    expected: ofListeners + 12,
    delivered: ofListeners - 9 + 12,
    lost: 9,
    clients_dropped: 10,
    clients_refused: 0,
  });
  expect(row.rules).toContain("clients-dropped");
  expect(row.rules).not.toMatch(/messages-lost|under-sent/);
  expect(row.reasons).toMatch(
    /10 of 10 clients lost their connection between seconds \d\.\d and \d\.\d of the window: .*; 9 deliveries were lost with these/,
  );
  expect(measured.seconds.map(({ messages }) => messages).reduce((sum, each) => sum + each)).toBe(12);
  expect(measured.seconds.map(({ dropped }) => dropped).reduce((sum, each) => sum + each)).toBe(10);
}, 60_000);

it("a server that is full: those that it refuses are counted, and nothing is expected at them", async () => {
  const { row } = await measureWith({ mostClients: 50 }, { clients: 60, connectRatePerS: 200, durationMs: 2_000 });
  expect(row).toMatchObject({
    ...sound,
    sent: 10,
    expected: 10 * 50,
    delivered: 10 * 50,
    lost: 0,
    clients_refused: 10,
    clients_dropped: 0,
  });
  expect(row.reasons).toContain(
    '10 of 60 clients were refused: the server answered "HTTP/1.1 503 Service Unavailable" instead of 101.',
  );
}, 60_000);

it("a server that closes what is silent: the reason says after what silence", async () => {
  const { row } = await measureWith({ silentMs: 1_500 }, { clients: 12, rooms: 2, durationMs: 3_000 });
  expect(row).toMatchObject({
    ...sound,
    sent: 15,
    expected: 15 * 6,
    delivered: 15 * 6,
    lost: 0,
    clients_dropped: 6,
  });
  expect(row.reasons).toMatch(
    /; 6 after 1\.[4-6] s without a message, as if the server or a proxy closes a connection/,
  );
}, 60_000);

it("a server that closes half of the clients before the window: the other half is measured", async () => {
  const { row, measured } = await measureWith(
    {
      hears: (number, speaker, members) => {
        if (number > 1) return;
        for (const { socket } of members.filter((each) => each !== speaker).slice(0, 10)) socket.close();
      },
    },
    { clients: 20, warmupMs: 1_000, maxWarmupMs: 1_000, durationMs: 2_000 },
  );
  expect(row).toMatchObject({
    ...sound,
    sent: 10,
    expected: 10 * 10,
    delivered: 10 * 10,
    lost: 0,
    clients_dropped: 10,
  });
  expect(row.reasons).toMatch(/10 of 20 clients lost their connection before the window: /);
  expect(measured.seconds.map(({ dropped }) => dropped)).toEqual([0, 0]);
}, 60_000);

it("a policy that is exceeded fails the trial, and so does a server that lets nobody in", async () => {
  const full = { clients: 20, durationMs: 1_000 };
  await expect(measureWith({ mostClients: 10 }, { ...full, dropsAllowed: 0.4 })).rejects.toThrow(
    /^10 of 20 clients were refused: the server answered "HTTP\/1\.1 503 Service Unavailable" instead of 101; --drops allows 8$/,
  );
  await server!.close();
  await expect(measureWith({ mostClients: 0 }, full)).rejects.toThrow(/^20 of 20 clients were refused: [^;]*$/);
  await server!.close();
  const kicking: ChatHabits = { hears: (_number, speaker) => speaker.socket.close() };
  await expect(measureWith(kicking, { ...full, dropsAllowed: 0 })).rejects.toThrow(
    /^1 of 20 clients lost its connection at second \d\.\d of the window: /,
  );
}, 60_000);

const handshake = JSON.stringify({
  sid: "1",
  upgrades: [],
  pingInterval: 25_000,
  pingTimeout: 20_000,
  maxPayload: 1e6,
});

/** Servers that open a session at the first request and do not know it at the second, by transport. */
const forgetful: Record<string, RequestListener> = {
  "long-poll": ({ method, url }, response) => {
    if (method === "POST" && url === "/poll") response.writeHead(201, { "content-length": 1 }).end("1");
    else response.writeHead(404, { "content-length": 0 }).end();
  },
  "socket.io-polling": ({ url }, response) => {
    if (!url!.includes("sid=")) response.writeHead(200, { "content-type": "text/plain" }).end(`0${handshake}`);
    else response.writeHead(400).end('{"code":1,"message":"Session ID unknown"}');
  },
};

it.each([
  ["long-poll", /^10 of 10 clients lost their connection before the window: the server answered 404 /],
  ["socket.io-polling", /^10 of 10 clients were refused: the server answered 400: .*Session ID unknown/],
])(
  "a session that %s opened and that is not known later is explained by a balancer without sticky sessions",
  async (transport, answer) => {
    const balancer = createServer(forgetful[transport]);
    await new Promise<void>((resolve) => balancer.listen(0, "127.0.0.1", resolve));
    const { port } = balancer.address() as AddressInfo;
    const target = { title: "a balancer", addresses: [{ host: "127.0.0.1", port }] };
    const failure = await measure(target, { durationMs: 1_000 }, transport).catch((error: Error) => error);
    balancer.closeAllConnections();
    balancer.close();
    expect(failure).toBeInstanceOf(Error);
    expect((failure as Error).message).toMatch(answer);
    expect((failure as Error).message).toMatch(
      /; 10 had a session that was opened and was not known at a later request, as behind a balancer without sticky sessions$/,
    );
  },
  60_000,
);

it("clients connect at most so often over all workers", async () => {
  const { row } = await measureWith({}, { clients: 40, workers: 2, connectRatePerS: 40, durationMs: 1_000 });
  expect(row).toMatchObject({ ...sound, lost: 0, clients_refused: 0 });
  const opened = server!.openedMs;
  expect(opened).toHaveLength(40);
  expect(opened.at(-1)! - opened[0]!).toBeGreaterThan(39 * 25 * 0.8);
}, 60_000);

it("a speaker that does not hear itself is not expected to, and hears too much where it does", async () => {
  const excluded = { speakerExcluded: true, durationMs: 2_000 } as const;
  const { row } = await measureWith({ speakerExcluded: true }, excluded);
  expect(row).toMatchObject({ ...sound, sent: 10, expected: 90, delivered: 90, lost: 0 });
  await server!.close();
  const { row: heard } = await measureWith({}, excluded);
  expect(heard).toMatchObject({ ...sound, sent: 10, expected: 90, delivered: 90, lost: 0, unexpected: 10 });
}, 60_000);
