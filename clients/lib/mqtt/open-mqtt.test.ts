import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setImmediate as nextRound } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defaultOptions } from "../../../scenarios/transports/load-transport.ts";
import { openMqtt } from "./open-mqtt.ts";

/** Packets of MQTT 3.1.1 by their first byte (section 2.2). */
const packets = { connect: 0x10, subscribe: 0x82 };
const connectionAccepted = Buffer.of(0x20, 2, 0, 0);
const subscriptionGranted = ([, , high, low]: Buffer): Buffer => Buffer.of(0x90, 3, high!, low!, 0);

let server: Server;
let received: Buffer[];
let sockets: Socket[];
/** What the broker answers to a packet. */
let answer: (packet: Buffer) => Buffer | undefined;

beforeEach(async () => {
  [received, sockets] = [[], []];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (packet) => {
      received.push(packet);
      const reply = answer(packet);
      if (reply) socket.write(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

function open(changes: Partial<typeof defaultOptions>, closed: (error?: Error) => void = () => undefined) {
  const { port } = server.address() as AddressInfo;
  const handler = { receive: () => undefined, closed };
  const subscription = {
    clientId: "c",
    filter: "out/c",
    qos: 0,
    refusal: () => undefined,
    topic: () => "in/c",
  } as const;
  const options = { ...defaultOptions, ...changes };
  return openMqtt({ host: "127.0.0.1", port }, handler, options, { ...subscription, received: () => undefined });
}

it.each([
  [2_600, 3],
  [100, 1],
  [1e9, 65_535],
])("a heartbeat of %d ms is a keep-alive of %d s", async (heartbeatMs, seconds) => {
  answer = () => {
    sockets[0]!.destroy();
    return undefined;
  };
  await expect(open({ heartbeatMs })).rejects.toThrow(/./);
  const [connect] = received as [Buffer];
  expect([connect[0], connect.readUInt16BE(10)]).toEqual([packets.connect, seconds]);
});

describe("the time for a subscription", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("is handshakeMs: then a broker that accepts and grants none is given up", async () => {
    answer = ([type]) => (type === packets.connect ? connectionAccepted : undefined);
    let refused: Error | undefined;
    const failing = open({ handshakeMs: 3_000 }).catch((error: Error) => (refused = error));
    while (received.length < 2) await nextRound();
    vi.advanceTimersByTime(2_999);
    await nextRound();
    expect(refused).toBeUndefined();
    vi.advanceTimersByTime(1);
    await failing;
    expect(refused!.message).toBe("the broker granted no subscription within 3000 ms");
  });

  it("ends nothing once one is granted", async () => {
    answer = (packet) => (packet[0] === packets.connect ? connectionAccepted : subscriptionGranted(packet));
    const ended: (Error | undefined)[] = [];
    const connection = await open({ handshakeMs: 3_000 }, (error) => ended.push(error));
    vi.advanceTimersByTime(6_000);
    for (let round = 0; round < 10; round++) await nextRound();
    expect(ended).toEqual([]);
    vi.useRealTimers();
    connection.close();
    await expect.poll(() => ended.length, { interval: 1 }).toBe(1);
  });
});
