import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { App, Options, Server } from "../../../scenarios/contract.ts";
import { serveExternalProcess } from "./external-process.ts";
import { defaultOptions } from "../../../scenarios/transports/load-transport.ts";
import { until } from "../../../scenarios/lib/until.ts";

/** An application that must not be used: the program has its own. */
const app: App = () => {
  throw new Error("an external server was given an application");
};

const running: Server[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

/** Starts JavaScript code as an external server. `port`, `ports` and `app` are in its scope. */
async function serve(code: string, options: Partial<Options> = {}): Promise<Server> {
  const start = serveExternalProcess(({ addresses, app: name }) => {
    const ports = addresses.map(({ port }) => port);
    const scope = `const net = require("node:net"), ports = [${ports.join()}], [port] = ports, app = "${name}";`;
    return [process.execPath, "-e", `${scope}${code}`];
  });
  const server = await start(app, { ...defaultOptions, ...options }, "echo");
  running.push(server);
  return server;
}

/** Code of a server that sends the name of its application and ends the connection. */
const listenCode =
  "for (const each of ports) net.createServer((s) => s.on('error', () => {}).end(app)).listen(each, '0.0.0.0');";

/** Everything that a server sends until it ends the connection. */
function received(port: number, host = "127.0.0.1", onFirst = (): void => undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect({ host, port });
    socket.on("data", (chunk) => (text += String(chunk))).once("data", onFirst);
    socket.on("error", reject).on("close", () => resolve(text));
  });
}

/** Running processes of a group (Linux only). */
function members(group: number): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const [state, , processGroup] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
      return state !== "Z" && Number(processGroup) === group;
    } catch {
      return false;
    }
  });
}

it("starts the program with an address and an application's name, and resolves when it accepts connections", async () => {
  const { addresses } = await serve(`setTimeout(() => { ${listenCode} }, 100);`);
  expect(await received(addresses[0]!.port)).toBe("echo");
});

it("waits for every address, and chooses a port for each unless one is given", async () => {
  const { addresses } = await serve(listenCode, { additionalHosts: ["127.0.0.2"] });
  expect(addresses.map(({ host }) => host)).toEqual(["127.0.0.1", "127.0.0.2"]);
  for (const { host, port } of addresses) expect(await received(port, host)).toBe("echo");
  const { port } = addresses[0]!;
  await running.pop()!.close();
  expect((await serve(listenCode, { port })).addresses).toEqual([{ host: "127.0.0.1", port }]);
});

it("reports a port that is in use, and does not mistake the program there for its own", async () => {
  const { port } = (await serve(listenCode)).addresses[0]!;
  await expect(serve(listenCode, { port })).rejects.toThrow(/^Cannot listen on 127\.0\.0\.1:\d+: it is in use: /);
});

it("has no traffic counters", async () => {
  expect((await serve(listenCode)).traffic()).toBeUndefined();
});

it.each([
  ["ends", "console.error('Reading the plan\\nNo such room'); process.exit(3)", /ended with code 3: No such room$/],
  ["throws", "throw new TypeError('no such room')", /ended with code 1: TypeError: no such room$/],
  ["is killed", "process.kill(process.pid, 'SIGKILL')", /was killed by SIGKILL$/],
  ["ends with code 0 and no output", "", /ended with code 0$/],
])("rejects with the last line of output when the program %s too early", async (_description, code, sentence) => {
  await expect(serve(code)).rejects.toThrow(sentence);
});

it("rejects when the program does not exist", async () => {
  const start = serveExternalProcess(() => ["no-such-program", "--port=1"]);
  await expect(start(app, defaultOptions, "echo")).rejects.toThrow(
    /^no-such-program could not be started: spawn no-such-program ENOENT$/,
  );
});

it("reports a program that exits while it serves", async () => {
  const { program, addresses } = await serve(
    "net.createServer((s) => s.once('data', () => { console.log('full'); process.exit(9); })).listen(port);",
  );
  const socket = connect(addresses[0]!, () => socket.write("one too many"));
  socket.on("error", () => undefined);
  await expect(program!.ended).rejects.toThrow(/ended with code 9: full$/);
});

it("ends the program with SIGTERM without an error, and a second close does nothing", async () => {
  const onSigterm =
    "process.on('SIGTERM', () => { for (const s of all) s.end('bye'); process.exitCode = 0; server.close(); });";
  const server = await serve(
    `const all = []; const server = net.createServer((s) => { all.push(s); s.on('error', () => {}); s.write('hello, '); }).listen(port); ${onSigterm}`,
  );
  let text!: Promise<string>;
  // The kernel resets connections that are not accepted when the program ends.
  await new Promise<void>((onFirst) => (text = received(server.addresses[0]!.port, undefined, onFirst)));
  let ended = false;
  server.program!.ended.catch(() => (ended = true));
  await server.close();
  await server.close();
  expect([await text, ended]).toEqual(["hello, bye", false]);
});

it.runIf(existsSync("/proc"))("kills a program that ignores SIGTERM, and its child processes", async () => {
  const child = "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);";
  const { program, close } = await serve(`process.on('SIGTERM', () => {}); ${child} ${listenCode}`);
  expect(members(program!.group).length).toBe(2);
  await close();
  await until(() => members(program!.group).length === 0, "no process is left");
});

it.runIf(existsSync("/proc"))("kills the child processes of a program that has exited", async () => {
  const child =
    "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });";
  const { program } = await serve(`${child} ${listenCode} setTimeout(() => process.exit(0), 300);`);
  await expect(program!.ended).rejects.toThrow(/ended with code 0$/);
  await until(() => members(program!.group).length === 0, "no process is left");
});
