import { expect, it } from "vitest";
import { apps } from "../scenarios/definitions/apps.ts";
import { loadTransport, optionsFor } from "../scenarios/transports/load-transport.ts";

it.each([
  ["short-poll", "POST", "/poll"],
  ["sse", "POST", "/events"],
  ["socket.io-default", "GET", "/socket.io/?EIO=4&transport=polling"],
])(
  "%s lets a page of any origin read its responses, and sends no CORS header to other clients",
  async (name, method, path) => {
    const transport = await loadTransport(name);
    const { default: serve } = await transport.server();
    const server = await serve(apps.echo, optionsFor(transport, {}));
    try {
      const { host, port } = server.addresses[0]!;
      const allowed = async (headers: Record<string, string>): Promise<string | null> =>
        (await fetch(`http://${host}:${port}${path}`, { method, headers })).headers.get("access-control-allow-origin");
      expect(await allowed({ origin: "null" })).toBe("*");
      expect(await allowed({})).toBeNull();
    } finally {
      await server.close();
    }
  },
);
