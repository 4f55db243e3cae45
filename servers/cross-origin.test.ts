import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
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

it("lets pages of this machine post JSON to a session, which travels as text, and says why it refuses others", async () => {
  const transport = await loadTransport("short-poll");
  const { default: serve } = await transport.server();
  const server = await serve(apps.echo, optionsFor(transport, {}));
  try {
    const { host, port } = server.addresses[0]!;
    const request = async (method: string, path: string, headers = {}, body?: string): Promise<[number, string]> => {
      const response = await fetch(`http://${host}:${port}${path}`, { method, headers, ...(body && { body }) });
      return [response.status, await response.text()];
    };
    const [, id] = await request("POST", "/poll");
    const path = `/poll/${id}`;
    const preflight = async (origin: string) =>
      (await fetch(`http://${host}:${port}${path}`, { method: "OPTIONS", headers: { origin } })).headers.get(
        "access-control-allow-headers",
      );
    for (const origin of ["http://localhost:5173", "http://127.0.0.1", "null"])
      expect(await preflight(origin)).toMatch(/content-type/);
    for (const origin of ["https://example.org", "http://localhost.example.org"])
      expect(await preflight(origin)).toBeNull();
    const fromOtherPort = async (origin: string): Promise<number | undefined> => {
      const headers = { origin, host: `bench.example:${port}` };
      const sent = httpRequest({ host, port, path, method: "OPTIONS", headers }).end();
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await fromOtherPort("http://bench.example:18000")).toBe(204);
    expect(await fromOtherPort("http://evil.example:18000")).toBe(403);
    await request("POST", path, { "content-type": "application/json", origin: "null" }, '{"a":1}');
    expect(await request("GET", `${path}?after=0`)).toEqual([200, JSON.stringify(['{"a":1}'])]);
    expect(await request("GET", path)).toEqual([409, expect.stringMatching(/^A poll needs \?after=N.*\.\n$/)]);
    expect(await request("GET", "/poll/nobody?after=0")).toEqual([404, expect.stringMatching(/POST \/poll opens one/)]);
    expect(await request("GET", "/")).toEqual([404, expect.stringMatching(/POST \/poll opens a session/)]);
    expect(await request("PUT", path)).toEqual([405, "A session accepts GET, POST, DELETE.\n"]);
  } finally {
    await server.close();
  }
});
