import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { App, Options, Server } from "../../../scenarios/contract.ts";
import { serveExternalProcess } from "./external-process.ts";
import { defaultOptions } from "../../../scenarios/transports/load-transport.ts";
import { until } from "../../../scenarios/lib/until.ts";

/** An application that is never asked for: the program has its own. */
const app: App = () => {
  throw new Error("a server that is another program was handed an application");
};

const running: Server[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

/** Starts a program of Node's as a server; `text` finds `port`, `ports` and `app` in its scope. */
async function serve(text: string, options: Partial<Options> = {}): Promise<Server> {
  const start = serveExternalProcess(({ addresses, app: name }) => {
    const ports = addresses.map(({ port }) => port);
    const scope = `const net = require("node:net"), ports = [${ports.join()}], [port] = ports, app = "${name}";`;
    return [process.execPath, "-e", `${scope}${text}`];
  });
  const server = await start(app, { ...defaultOptions, ...options }, "echo");
  running.push(server);
  return server;
}

/** A server that answers with a word, and whoever is on the other side of its connections goes when it does. */
const listens =
  "for (const each of ports) net.createServer((s) => s.on('error', () => {}).end(app)).listen(each, '0.0.0.0');";

/** The words of a server, until it ends the connection. */
function received(port: number, host = "127.0.0.1", begun = (): void => undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    let words = "";
    const socket = connect({ host, port });
    socket.on("data", (chunk) => (words += String(chunk))).once("data", begun);
    socket.on("error", reject).on("close", () => resolve(words));
  });
}

/** Processes of a group that are there (Linux only). */
function members(group: number): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const [state, , of] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
      return state !== "Z" && Number(of) === group;
    } catch {
      return false;
    }
  });
}

it("starts the program with an address and an application's name, and resolves when it accepts connections", async () => {
  const { addresses } = await serve(`setTimeout(() => { ${listens} }, 100);`);
  expect(await received(addresses[0]!.port)).toBe("echo");
});

it("waits for every address, each of which has a port of its own unless one is given", async () => {
  const { addresses } = await serve(listens, { additionalHosts: ["127.0.0.2"] });
  expect(addresses.map(({ host }) => host)).toEqual(["127.0.0.1", "127.0.0.2"]);
  for (const { host, port } of addresses) expect(await received(port, host)).toBe("echo");
  const { port } = addresses[0]!;
  await running.pop()!.close();
  expect((await serve(listens, { port })).addresses).toEqual([{ host: "127.0.0.1", port }]);
});

it("says that a port is in use, and does not take who listens there for the program", async () => {
  const { port } = (await serve(listens)).addresses[0]!;
  await expect(serve(listens, { port })).rejects.toThrow(/^Cannot listen on 127\.0\.0\.1:\d+: it is in use: /);
});

it("knows neither what passes nor what its hub is told", async () => {
  expect((await serve(listens)).traffic()).toBeUndefined();
});

it.each([
  ["ends", "console.error('Reading the plan\\nNo such room'); process.exit(3)", /ended with code 3: No such room$/],
  ["throws", "throw new TypeError('no such room')", /ended with code 1: TypeError: no such room$/],
  ["is killed", "process.kill(process.pid, 'SIGKILL')", /was killed by SIGKILL$/],
  ["ends well, without a word", "", /ended with code 0$/],
])("rejects with its last words where the program %s before it accepts connections", async (_what, text, sentence) => {
  await expect(serve(text)).rejects.toThrow(sentence);
});

it("rejects where there is no such program", async () => {
  const start = serveExternalProcess(() => ["no-such-program", "--port=1"]);
  await expect(start(app, defaultOptions, "echo")).rejects.toThrow(
    /^no-such-program could not be started: spawn no-such-program ENOENT$/,
  );
});

it("tells when the program ends by itself while it serves", async () => {
  const { program, addresses } = await serve(
    "net.createServer((s) => s.once('data', () => { console.log('full'); process.exit(9); })).listen(port);",
  );
  const socket = connect(addresses[0]!, () => socket.write("one too many"));
  socket.on("error", () => undefined);
  await expect(program!.ended).rejects.toThrow(/ended with code 9: full$/);
});

it("ends the program with SIGTERM and says nothing of that, and closing again does nothing", async () => {
  const farewell =
    "process.on('SIGTERM', () => { for (const s of all) s.end('bye'); process.exitCode = 0; server.close(); });";
  const server = await serve(
    `const all = []; const server = net.createServer((s) => { all.push(s); s.on('error', () => {}); s.write('hello, '); }).listen(port); ${farewell}`,
  );
  let words!: Promise<string>;
  // What has not been accepted when the program ends is reset by the kernel.
  await new Promise<void>((begun) => (words = received(server.addresses[0]!.port, undefined, begun)));
  let ended = false;
  server.program!.ended.catch(() => (ended = true));
  await server.close();
  await server.close();
  expect([await words, ended]).toEqual(["hello, bye", false]);
});

it.runIf(existsSync("/proc"))("kills a program that does not heed SIGTERM, with all that it started", async () => {
  const child = "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);";
  const { program, close } = await serve(`process.on('SIGTERM', () => {}); ${child} ${listens}`);
  expect(members(program!.group).length).toBe(2);
  await close();
  await until(() => members(program!.group).length === 0, "nothing of it is left");
});

it.runIf(existsSync("/proc"))("leaves nothing of a program that has ended, not even what it started", async () => {
  const child =
    "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });";
  const { program } = await serve(`${child} ${listens} setTimeout(() => process.exit(0), 300);`);
  await expect(program!.ended).rejects.toThrow(/ended with code 0$/);
  await until(() => members(program!.group).length === 0, "nothing of it is left");
});
