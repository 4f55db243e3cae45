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
  let lines: RequestChannels;

  beforeEach(async () => {
    host = await kit.serve({}, limits);
    lines = await (name.startsWith("h2-") ? openHttp2 : openHttp1)(host.addresses[0]!, { ...kit.options, ...limits });
  });
  afterEach(async () => {
    lines.destroy();
    await kit.tidy();
  });

  const ask = async (method: HttpRequest["method"], target: string, body?: Buffer): Promise<number> =>
    (await lines.sends.call({ method, path: target, ...(body && { body }) }, 5_000)).status;
  const join = async (): Promise<string> =>
    `${path}/${(await lines.sends.call({ method: "POST", path }, 5_000)).body.toString()}`;

  it("knows no paths but its own, and takes nothing behind a session's", async () => {
    const session = await join();
    for (const target of ["/", "/chat", `${path}x`, `${path}/`, `${path}/nobody`, `${session}/x`, `${path}/../${path}`])
      for (const method of ["GET", "POST", "DELETE"] as const)
        expect([target, method, await ask(method, target)]).toEqual([target, method, 404]);
    expect(host.received).toEqual([]);
  });

  it("knows no other methods, whether there is such a session or not", async () => {
    const session = await join();
    for (const target of [session, `${path}/nobody`])
      expect([await ask("PUT", target), await ask("HEAD", target)]).toEqual([405, 405]);
    for (const method of ["GET", "HEAD", "PUT", "DELETE"] as const) expect(await ask(method, path)).toBe(405);
  });

  it("takes what is sent, and after the goodbye does not know the session", async () => {
    const session = await join();
    expect(await ask("POST", session, Buffer.from("hello"))).toBe(204);
    expect(host.received.map(({ payload, text }) => [payload.toString(), text])).toEqual([["hello", false]]);
    expect(await ask("DELETE", session)).toBe(204);
    for (const method of ["GET", "POST", "DELETE"] as const) expect(await ask(method, session)).toBe(404);
    expect(host.left).toEqual(host.joined);
  });

  it("takes text for what it says it is, whatever else the type says", async () => {
    const session = await join();
    for (const type of ["text/plain", "Text/Plain; charset=utf-8", "text/html", "application/octet-stream"]) {
      const headers = { "content-type": type };
      await lines.sends.call({ method: "POST", path: session, headers, body: Buffer.from("x") }, 5_000);
    }
    expect(host.received.map(({ text }) => text)).toEqual([true, true, false, false]);
  });

  it("takes a body of the largest size, refuses one byte more with 413, and goes on", async () => {
    const session = await join();
    expect(await ask("POST", session, Buffer.alloc(1_000))).toBe(204);
    expect(await ask("POST", session, Buffer.alloc(1_001))).toBe(413);
    expect(await ask("POST", session, Buffer.alloc(1_000))).toBe(204);
    await until(() => host.received.length === 2, "what could be taken was");
    expect(host.received.map(({ payload }) => payload.length)).toEqual([1_000, 1_000]);
  });
});
