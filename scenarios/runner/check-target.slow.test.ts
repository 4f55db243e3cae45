import { expect, it } from "vitest";
import { apps } from "../definitions/apps.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { scenarios } from "../scenarios.ts";
import { loadTransport, optionsFor } from "../transports/load-transport.ts";
import { checkTarget } from "./check-target.ts";

it.each([
  ["short-poll", "long-poll"],
  ["short-poll-500ms", "long-poll"],
  ["short-poll-library", "long-poll"],
  ["h2-short-poll", "h2-long-poll"],
])("%s is not measured on a server that holds polls: %s", { timeout: 30_000 }, async (name, served) => {
  const transport = await loadTransport(served);
  const { default: serve } = await transport.server();
  const server = await serve(apps.echo, optionsFor(transport, {}));
  const { host, port } = server.addresses[0]!;
  const settings = resolveSettings("echo", scenarios.echo, {});
  await expect(checkTarget(name, { host, port }, settings)).rejects.toThrow(/behaves otherwise while nobody sends/);
  await server.close();
});
