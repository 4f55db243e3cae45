import { expect, it } from "vitest";
import type { Options } from "../../../scenarios/contract.ts";
import { apps } from "../../../scenarios/definitions/apps.ts";
import { loadTransport, optionsFor } from "../../../scenarios/transports/load-transport.ts";

const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'" };

/** Starts a server with one page, and returns what it has counted for it. */
async function serverWithPage(name: string, overrides: Partial<Options> = {}) {
  const transport = await loadTransport(name);
  const { default: serve } = await transport.server();
  const counted = { in: 0, out: 0 };
  const pages = {
    files: { "/": () => ({ headers, body: "<!doctype html><title>Här</title>" }) },
    answered(bytes: typeof counted) {
      counted.in += bytes.in;
      counted.out += bytes.out;
    },
  };
  const server = await serve(apps.echo, optionsFor(transport, { pages, ...overrides }));
  const { host, port } = server.addresses[0]!;
  return { server, counted, url: `http://${host}:${port}` };
}

it.each([
  ["ws", 426],
  ["short-poll", 404],
  ["sse", 404],
  ["socket.io", 426],
  ["socket.io-polling", 404],
])("%s answers / with its page, and every other path as before", async (name, status) => {
  const { server, url } = await serverWithPage(name);
  try {
    const page = await fetch(`${url}/`);
    expect([page.status, await page.text()]).toEqual([200, "<!doctype html><title>Här</title>"]);
    expect(Object.fromEntries(page.headers)).toMatchObject({ ...headers, "content-length": "34" });
    const head = await fetch(`${url}/`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "34", ""]);
    for (const [method, path] of [
      ["GET", "/nothing"],
      ["GET", "/__proto__"],
      ["POST", "/"],
    ] as const)
      expect((await fetch(url + path, { method })).status).toBe(status);
  } finally {
    await server.close();
  }
});

it("ws without pages says at / what it says at every path", async () => {
  const transport = await loadTransport("ws");
  const { default: serve } = await transport.server();
  const server = await serve(apps.echo, optionsFor(transport, {}));
  const { host, port } = server.addresses[0]!;
  expect((await fetch(`http://${host}:${port}/`)).status).toBe(426);
  await server.close();
});

it("the bytes of pages are counted apart, on a connection that carries polls too", async () => {
  const { server, counted, url } = await serverWithPage("short-poll");
  const totalBytes = (): number => {
    const { up, down, duplex } = server.traffic()!.wire;
    return up.in + up.out + down.in + down.out + duplex.in + duplex.out;
  };
  const bytesOf = async (path: string, method = "GET"): Promise<number> => {
    const before = totalBytes();
    await (await fetch(url + path, { method })).text();
    return totalBytes() - before;
  };
  try {
    const poll = await bytesOf("/poll", "POST");
    const pages = [await bytesOf("/"), await bytesOf("/")];
    expect(await bytesOf("/poll", "POST")).toBe(poll);
    expect(counted.in + counted.out).toBe(pages[0]! + pages[1]!);
    expect(pages[0]).toBe(pages[1]);
  } finally {
    await server.close();
  }
});
