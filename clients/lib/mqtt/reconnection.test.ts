import { EventEmitter } from "node:events";
import type { IClientOptions, MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../scenarios/lib/until.ts";
import { openCuttable, type Cuttable } from "../../../scenarios/testing/cuttable.ts";
import { followWindow } from "./reconnection.ts";

it.each([
  [1_000, 5_000],
  [2_000, 2_000],
  [0, 0],
])("each wait lies in the window from %d to %d ms, and is 1 ms at least", (minMs, maxMs) => {
  const options: IClientOptions = {};
  const client = Object.assign(new EventEmitter(), { options });
  followWindow(client as unknown as MqttClient, { minMs, maxMs });
  for (const event of ["offline", "reconnect", "reconnect", "reconnect", "reconnect", "offline"]) {
    client.emit(event);
    expect(options.reconnectPeriod).toBeGreaterThanOrEqual(Math.max(1, minMs));
    expect(options.reconnectPeriod).toBeLessThanOrEqual(Math.max(1, maxMs));
  }
});

describe.each(["mqtt", "mqtt-qos1", "mqtt-session"])("%s", (name) => {
  let chat: Cuttable;
  beforeEach(async () => {
    chat = await openCuttable(name);
  });
  afterEach(() => chat.close());
  const soon = { minMs: 1, maxMs: 1 };

  it("is lost once and back once for each cut, and receives again", async () => {
    const client = await chat.enter(soon);
    const back = name === "mqtt-session" ? "resumed" : "back";
    for (let cuts = 1; cuts <= 2; cuts++) {
      await until(() => client.received.length >= cuts, "the client has received something");
      chat.cut();
      await until(() => client.told.length === 2 * cuts, "the client is back");
      client.connection.send(Buffer.from(`message ${cuts}`), true);
    }
    await until(() => client.received.at(-1) === "message 2", "the last message has come back");
    expect(client.told).toEqual(["lost", back, "lost", back]);
    client.connection.close();
    await until(() => client.told.length === 5, "the client is closed");
    expect(client.told.slice(4)).toEqual(["closed"]);
  });
});
