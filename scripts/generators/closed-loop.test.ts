import { expect, it } from "vitest";
import { apps } from "../../scenarios/definitions/apps.ts";
import { resolveSettings } from "../../scenarios/definitions/settings.ts";
import { scenarios } from "../../scenarios/scenarios.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import { runClosedLoop } from "./closed-loop.ts";

it("sends as many messages as the server answers, over any number of accounts", async () => {
  const transport = await loadTransport("tcp");
  const options = optionsFor(transport, {});
  const { default: serve } = await transport.server();
  const server = await serve(apps.echo, options);
  const settings = resolveSettings("generators", scenarios.echo, { clients: 3 });
  const assignment = { transport: "tcp", settings, options, addresses: [server.addresses], worker: 0, inFlight: 3 };
  const lost: string[] = [];
  const { tally, expected } = await runClosedLoop(assignment, 0.3, (reason) => lost.push(reason), 30);
  expect(expected).toBeGreaterThan(30);
  expect(tally).toMatchObject({ delivered: expected, duplicated: 0, reordered: 0, corrupted: 0, unexpected: 0 });
  expect(lost).toEqual([]);
  await server.close();
});
