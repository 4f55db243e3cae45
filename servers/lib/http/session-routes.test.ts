import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HttpRequest, RequestChannels } from "../../../clients/lib/library-http/request-channel.ts";
import { openHttp1 } from "../../../clients/lib/library-http/http1-channel.ts";
import { openHttp2 } from "../../../clients/lib/library-http/http2-channel.ts";
import { Kit, type TestServer } from "../../../scenarios/conformance/test-kit.ts";
import { transports } from "../../../scenarios/transports.ts";
import { until } from "../../../scenarios/lib/until.ts";

const paths = {
  "short-poll": "/poll",
  "long-poll": "/poll",
  "h2-short-poll": "/poll",
  "h2-long-poll": "/poll",
  sse: "/events",
  "h2-sse": "/events",
  "http-stream": "/stream",
} as const;

const limits = { handshakeMs: 2_000, maxPayloadBytes: 1_000 };

describe.each(Object.entries(paths))("the session protocol of %s", (name, path) => {
  const kit = new Kit(name, transports[name as keyof typeof paths]);
  let host: TestServer;
  let channels: RequestChannels;

  beforeEach(async () => {
    host = await kit.serve({}, limits);
    channels = await (name.startsWith("h2-") ? openHttp2 : openHttp1)(host.addresses[0]!, {
      ...kit.options,
      ...limits,
    });
  });
  afterEach(async () => {
    channels.destroy();
    await kit.tidy();
  });

  const request = async (method: HttpRequest["method"], target: string, body?: Buffer): Promise<number> =>
    (await channels.sends.call({ method, path: target, ...(body && { body }) }, 5_000)).status;
  const join = async (): Promise<string> =>
    `${path}/${(await channels.sends.call({ method: "POST", path }, 5_000)).body.toString()}`;

  it("responds 404 to every other path", async () => {
    const session = await join();
    for (const target of ["/", "/chat", `${path}x`, `${path}/`, `${path}/nobody`, `${session}/x`, `${path}/../${path}`])
      for (const method of ["GET", "POST", "DELETE"] as const)
        expect([target, method, await request(method, target)]).toEqual([target, method, 404]);
    expect(host.received).toEqual([]);
  });

  it("responds 405 to other methods, whether the session exists or not", async () => {
    const session = await join();
    for (const target of [session, `${path}/nobody`])
      expect([await request("PUT", target), await request("HEAD", target)]).toEqual([405, 405]);
    for (const method of ["GET", "HEAD", "PUT", "DELETE"] as const) expect(await request(method, path)).toBe(405);
  });

  it("accepts messages, and responds 404 after the client has left", async () => {
    const session = await join();
    expect(await request("POST", session, Buffer.from("hello"))).toBe(204);
    expect(host.received.map(({ payload, text }) => [payload.toString(), text])).toEqual([["hello", false]]);
    expect(await request("DELETE", session)).toBe(204);
    for (const method of ["GET", "POST", "DELETE"] as const) expect(await request(method, session)).toBe(404);
    expect(host.left).toEqual(host.joined);
  });

  it("treats text and JSON as text, whatever their parameters, and other types as binary", async () => {
    const session = await join();
    for (const type of ["text/plain", "Text/Plain; charset=utf-8", "text/html", "application/octet-stream"]) {
      const headers = { "content-type": type };
      await channels.sends.call({ method: "POST", path: session, headers, body: Buffer.from("x") }, 5_000);
    }
    expect(host.received.map(({ text }) => text)).toEqual([true, true, true, false]);
  });

  it("accepts a body of the largest size, responds 413 to one byte more, and continues", async () => {
    const session = await join();
    expect(await request("POST", session, Buffer.alloc(1_000))).toBe(204);
    expect(await request("POST", session, Buffer.alloc(1_001))).toBe(413);
    expect(await request("POST", session, Buffer.alloc(1_000))).toBe(204);
    await until(() => host.received.length === 2, "both accepted bodies have arrived");
    expect(host.received.map(({ payload }) => payload.length)).toEqual([1_000, 1_000]);
  });
});
