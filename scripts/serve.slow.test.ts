import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it, vi } from "vitest";
import type { Address } from "../scenarios/contract.ts";
import { endAllScripts, startScript, startServeScript } from "./lib/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

vi.setConfig({ testTimeout: 20_000 }); // a test starts one or two processes
afterEach(endAllScripts);

async function finish(...args: string[]) {
  const { seen, code } = startScript("serve.js", args);
  return { code: await code, ...seen };
}

/** A person at nc: what is typed is sent, and `screen` shows what was received. */
async function joinByNc({ host, port }: Address) {
  const socket: Socket = connect({ host, port });
  let screen = "";
  socket.on("data", (chunk) => (screen += String(chunk)));
  await once(socket, "connect");
  return { type: (line: string) => void socket.write(`${line}\n`), screen: () => screen, leave: () => socket.end() };
}

it("prints its address and how to join, hosts group chat, logs who is connected, and stops at Ctrl-C", async () => {
  const server = await startServeScript("--transport", "tcp-lines");
  const { address } = server;
  expect(server.seen.out).toContain(`\n  nc 127.0.0.1 ${address.port}\n`);
  expect(server.seen.out).toContain("hosting group chat. Press Ctrl-C to stop.");
  expect(server.seen.out.split("\n").filter((line) => line.length > 80 && !line.startsWith("  "))).toEqual([]);
  const [ann, bob] = [await joinByNc(address), await joinByNc(address)];
  await until(() => server.seen.out.includes("  2 connected: "), "both are connected");
  ann.type("hello");
  await until(() => bob.screen() === "hello\n" && ann.screen() === "hello\n", "both have received the message");
  bob.leave();
  await until(() => /\n\d\d:\d\d:\d\d {2}1 connected: 1 left, 1 message\n/.test(server.seen.out), "one is left");
  server.child.kill("SIGINT");
  expect(await server.code).toBe(130);
  expect(server.seen.err).toBe("");
});

it("hosts echo, which returns each message to its sender alone", async () => {
  const server = await startServeScript("--transport", "tcp-lines", "--scenario", "echo");
  const { address } = server;
  const [ann, bob] = [await joinByNc(address), await joinByNc(address)];
  ann.type("hello");
  await until(() => ann.screen() === "hello\n", "the first client has its echo");
  bob.type("hi");
  await until(() => bob.screen() !== "", "the second client has its echo");
  expect(bob.screen()).toBe("hi\n");
  server.child.kill("SIGTERM");
  expect(await server.code).toBe(130);
});

it("prints the link to its page, or why a browser cannot have one", async () => {
  const ws = await startServeScript("--transport", "ws");
  expect(ws.seen.out).toContain(`\nOpen in a browser:\n  http://127.0.0.1:${ws.address.port}/\n`);
  const page = await fetch(`http://127.0.0.1:${ws.address.port}/`);
  expect(page.headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; script-src 'self'; style-src 'self';/,
  );
  const tcp = await startServeScript("--transport", "tcp");
  expect(tcp.seen.out).toContain("There is no page to chat in, since a page in a browser cannot speak tcp.\n");
  const h2 = await startServeScript("--transport", "h2-sse");
  expect(h2.seen.out.replaceAll(/\s+/g, " ")).toContain("browsers speak HTTP/2 over TLS alone: h2-sse+tls has one.");
});

it("serves all transports that a browser speaks on one page, and stops at Ctrl-C", async () => {
  const { child, seen, code } = startScript("serve.js", ["--all"]);
  await until(() => seen.out.includes("Left out"), "it has printed what it serves");
  expect(seen.out).toMatch(/^6 transports side by side, hosting group chat\. Press Ctrl-C to stop\.\n/);
  const link = /Open in a browser:\n {2}(\S+)\n/.exec(seen.out)![1]!;
  const about = (await (await fetch(`${link}page/about.json`)).json()) as {
    transports: { name: string; port: number }[];
  };
  expect(about.transports.map(({ name }) => name)).toEqual([
    "short-poll",
    "long-poll",
    "sse",
    "http-stream",
    "ws",
    "socket.io",
  ]);
  for (const { name, port } of about.transports)
    expect(seen.out).toMatch(new RegExp(`\\n${name} +127.0.0.1:${port}\\n`));
  child.kill("SIGINT");
  expect([await code, seen.err]).toEqual([130, ""]);
});

it("refuses to serve a +tls transport in clear text", async () => {
  const example = fileURLToPath(new URL("../../scripts/lib/template/module.js", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "elsewhere-"));
  const path = join(folder, "plain.mjs");
  writeFileSync(path, readFileSync(example, "utf8").replace(/\n {2}noTlsReason: .*/, ""));
  const { code, out, err } = await finish("--transport", `${path}+tls`);
  rmSync(folder, { recursive: true });
  expect(err).toBe(
    "plain+tls does not run over TLS: its server half returned an address without a certificate. Make its server with " +
      "streamServer of servers/lib/hosting/tls.ts (for HTTP: httpServer of servers/lib/http/http-server.ts), or give the " +
      "transport a noTlsReason.\n",
  );
  expect([code, out]).toEqual([2, ""]);
});

it("reports in one sentence that the port is in use", async () => {
  const server = await startServeScript("--transport", "ws");
  const port = String(server.address.port);
  const { code, err } = await finish("--transport", "tcp", "--port", port);
  expect(err).toBe(
    `Cannot listen on 127.0.0.1:${port}: it is in use: stop the other process or take another --port.\n`,
  );
  expect(code).toBe(2);
});

it.each([
  [[], "Name a transport: --transport NAME. npm run bench -- --list prints the names."],
  [
    ["--transport", "wz"],
    'Unknown transport "wz". Did you mean "ws"? To see all names: npm run bench -- --list. ' +
      "For a module of your own, give a path with a slash, such as ./mine.js.",
  ],
  [
    ["--transport", "./nothing.js"],
    "There is no file ./nothing.js: give the path of a module, or a name of npm run bench -- --list.",
  ],
  [["--transport", "ws", "--all"], "--transport and --all are two ways to serve: give one."],
  [
    ["--all", "ws,tcp"],
    "--all cannot serve tcp. There is no page to chat in, since a page in a browser cannot speak tcp.",
  ],
  [
    ["--all", "ws+tls"],
    "--all cannot serve ws+tls: a browser asks about the certificate of each port. Name ws+tls with --transport.",
  ],
  [["--all", "--port", "65530"], "--port 65530 leaves no room for 6 servers after it: take a lower one."],
  [["--transport", "ws", "--port", "65536"], '--port "65536" is not a whole number from 0 to 65,535.'],
  [
    ["--transport", "ws", "--host", "192.0.2.1"],
    "Cannot listen on 192.0.2.1:0: this machine has no such address: take another --host.",
  ],
  [
    ["--transport", "ws", "--scenario", "ecko"],
    'Unknown scenario "ecko". Did you mean "echo"? To see all names: npm run bench -- --list.',
  ],
  [
    ["--transport", "ws", "--scenario", "half-duplex"],
    "serve cannot host half-duplex. It hosts the chat scenarios, such as chat-100, and echo.",
  ],
])("refuses %j with one sentence and exit 2", async (args, sentence) => {
  const { code, out, err } = await finish(...args);
  expect({ code, out, err }).toEqual({ code: 2, out: "", err: `${sentence}\n` });
});
