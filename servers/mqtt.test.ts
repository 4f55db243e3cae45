import { connect, connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, expect, it } from "vitest";
import { apps } from "../scenarios/definitions/apps.ts";
import type { Server } from "../scenarios/contract.ts";
import { until } from "../scenarios/lib/until.ts";
import { transports } from "../scenarios/transports.ts";
import { optionsFor } from "../scenarios/transports/load-transport.ts";
import { refusals } from "./lib/hosting/refusal-log.ts";
import serve from "./mqtt.ts";

let server: Server;
let said: string[];
const note = (sentence: unknown): void => void said.push(String(sentence));

beforeEach(async () => {
  said = [];
  refusals.subscribe(note);
  server = await serve(apps.echo, optionsFor(transports.mqtt, {}));
});
afterEach(async () => {
  refusals.unsubscribe(note);
  await server.close();
});

const url = (): string => `mqtt://127.0.0.1:${server.addresses[0]!.port}`;
const join = (clientId: string): Promise<MqttClient> => connectAsync(url(), { clientId, reconnectPeriod: 0 });

it("carries a message to retain as any other, with both qualities of service", async () => {
  const [subscriber, publisher] = [await join("s"), await join("p")];
  const received: string[] = [];
  subscriber.on("message", (_topic, payload, { retain }) => received.push(`${payload.toString()} ${retain}`));
  await subscriber.subscribeAsync("out/ann");
  for (const qos of [0, 1] as const) await publisher.publishAsync("in/ann", `qos ${qos}`, { qos, retain: true });
  await until(() => received.length === 2, "both have arrived");
  expect(received).toEqual(["qos 0 false", "qos 1 false"]);
  expect([publisher.connected, said]).toEqual([true, []]);
  await Promise.all([subscriber.endAsync(), publisher.endAsync()]);
});

it("says whom it refused and why", async () => {
  const client = await join("c");
  await client.publishAsync("in/nobody", "hello");
  await client.subscribeAsync("news").catch(() => undefined);
  client.publish("news", "hello");
  await until(() => !client.connected, "the broker has ended the connection");
  const lasting = connect(url(), { clientId: "d", clean: false, reconnectPeriod: 0 }).on("error", () => undefined);
  await until(
    () => said.length === 4,
    () => said.join("\n"),
  );
  lasting.end(true);
  expect(said).toEqual([
    "A message to in/nobody was dropped, since nobody has subscribed to out/nobody.",
    'MQTT client "c": it may not subscribe to "news": subscribe to out/NAME.',
    'MQTT client "c": clients may not publish "news": publish in/NAME or in/NAME/bin.',
    'MQTT client "d": a session must be clean, since none outlives its connection.',
  ]);
});

it("keeps a client that has read everything, however much that was, and counts only what waits", async () => {
  const small = await serve(apps.echo, { ...optionsFor(transports.mqtt, {}), queueBytes: 1_000 });
  const client = await connectAsync(`mqtt://127.0.0.1:${small.addresses[0]!.port}`, {
    clientId: "c",
    reconnectPeriod: 0,
  });
  let received = 0;
  client.on("message", () => received++);
  await client.subscribeAsync("out/ann");
  for (let i = 1; i <= 8; i++) {
    client.publish("in/ann", "x".repeat(400));
    await until(() => received === i, `message ${i} has come back`);
  }
  expect(client.connected).toBe(true);
  await client.endAsync();
  await small.close();
});

it("a name that was given back belongs to its new subscriber, also when the former one leaves", async () => {
  const [former, present] = [await join("former"), await join("present")];
  await former.subscribeAsync("out/ann");
  await former.unsubscribeAsync("out/ann");
  const received: string[] = [];
  present.on("message", (_topic, payload) => void received.push(payload.toString()));
  await present.subscribeAsync("out/ann");
  await former.endAsync();
  await (await join("later")).endAsync(); // by now the broker knows that the former one has left
  present.publish("in/ann", "hello");
  await until(() => received.length === 1, "the echo has arrived");
  expect([received, said]).toEqual([["hello"], []]);
  await present.endAsync();
});
