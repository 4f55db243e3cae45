import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../scenarios/lib/until.ts";
import { openCuttable, type Cuttable } from "../scenarios/testing/cuttable.ts";

describe.each([
  "socket.io-library",
  "socket.io-polling",
  "socket.io-msgpack",
  "socket.io-recovery",
  "mqtt",
  "mqtt-qos1",
  "mqtt-session",
])("%s", (name) => {
  let chat: Cuttable;
  beforeEach(async () => {
    chat = await openCuttable(name);
  });
  afterEach(() => chat.close());

  it("is closed, and told nothing more, when it is closed while it waits", async () => {
    const client = await chat.enter({ minMs: 60_000, maxMs: 60_000 });
    chat.cut();
    await until(() => client.told.length === 1, "the client is lost");
    client.connection.close();
    client.connection.close();
    expect(client.told).toEqual(["lost", "closed"]);
  });

  it("is not opened again without `reconnect`", async () => {
    const client = await chat.enter();
    chat.cut();
    await until(() => client.told.length > 0, "the client has ended");
    expect(client.told).toEqual(["broken"]);
  });
});
