import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Kit, type TestClient, type TestServer } from "../scenarios/conformance/test-kit.ts";
import { transports } from "../scenarios/transports.ts";
import { malformedMaxPayloadBytes, malformedInputs } from "./lib/testing/malformed-input.ts";
import { rawExchange } from "./lib/testing/raw-client.ts";
import { until } from "../scenarios/lib/until.ts";

const settings = { handshakeMs: 300, idleMs: 2_000, pollIntervalMs: 10, maxPayloadBytes: malformedMaxPayloadBytes };

describe.each(Object.entries(malformedInputs))("%s", (name, table) => {
  const kit = new Kit(name, transports[name as keyof typeof malformedInputs]);
  let host: TestServer;
  let resident: TestClient;

  beforeAll(async () => {
    host = await kit.echo(settings);
    resident = await kit.connect(host.addresses[0]!);
  });
  afterAll(() => kit.tidy());

  async function hasEcho(client: TestClient, text: string): Promise<void> {
    client.received.length = 0;
    client.send(Buffer.from(text), true);
    await until(() => client.received.length > 0, "the client has its echo");
    expect(client.received.map(({ payload }) => payload.toString())).toEqual([text]);
  }

  describe("refuses", () => {
    afterEach(() => hasEcho(resident, "unharmed"));

    it.each(table)("%s, and ends the connection", async (_what, ...turns) => {
      const stranger = await rawExchange(host.addresses[0]!, turns);
      await until(stranger.ended, "the server has ended the connection");
      expect(stranger.received()).toMatch(turns.at(-1)!.expect);
    });
  });

  it("has answered everybody else all along, and still takes newcomers", async () => {
    await hasEcho(await kit.connect(host.addresses[0]!), "hello");
    await until(() => host.joined.length - host.left.length === 2, "the hub is rid of the strangers");
    expect(resident.ended).toEqual([]);
  });
});
