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
  let oldClient: TestClient;

  beforeAll(async () => {
    // Loads all code first: on a busy machine a first handshake can take longer than `handshakeMs`.
    await kit.connect((await kit.echo()).addresses[0]!);
    host = await kit.echo(settings);
    oldClient = await kit.connect(host.addresses[0]!);
  });
  afterAll(() => kit.tidy());

  async function expectEcho(client: TestClient, text: string): Promise<void> {
    client.received.length = 0;
    client.send(Buffer.from(text), true);
    await until(() => client.received.length > 0, "the echo has arrived");
    expect(client.received.map(({ payload }) => payload.toString())).toEqual([text]);
  }

  describe("refuses", () => {
    afterEach(() => expectEcho(oldClient, "still served"));

    it.each(table)("%s, and ends the connection", async (_description, ...steps) => {
      const client = await rawExchange(host.addresses[0]!, steps);
      await until(client.ended, "the server has ended the connection");
      expect(client.received()).toMatch(steps.at(-1)!.expect);
    });
  });

  it("accepts new clients afterwards, and has kept the old one", async () => {
    await expectEcho(await kit.connect(host.addresses[0]!), "hello");
    await until(() => host.joined.length - host.left.length === 2, "every malformed client has left");
    expect(oldClient.ended).toEqual([]);
  });
});
