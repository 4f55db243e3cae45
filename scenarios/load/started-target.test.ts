import { createSocket } from "node:dgram";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Address } from "../contract.ts";
import { accepts } from "../lib/accepting.ts";
import { until } from "../lib/until.ts";
import { startOfProcess } from "../system/program-usage.ts";
import { startTarget, type TargetServer } from "./started-target.ts";

vi.setConfig({ testTimeout: 30_000 });

let folder: string;
let address: Address;
const running: TargetServer[] = [];
const listening: Server[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "start-"));
  const server = await listen();
  address = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  await new Promise((resolve) => server.close(resolve));
});
afterEach(async () => {
  for (const target of running.splice(0)) await target.close();
  for (const server of listening.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

async function listen(port = 0): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return server;
}

const file = (name: string): string => join(folder, name);

/** A shell command that runs this code. `port`, `net` and `spawn` are in its scope. */
function node(code: string): string {
  const scope = `const net = require("node:net"), { spawn } = require("node:child_process"), fs = require("node:fs"), port = ${address.port};`;
  writeFileSync(file("server.cjs"), `${scope}\n${code}`);
  return `'${process.execPath}' server.cjs`;
}

const accept =
  "const server = net.createServer((socket) => socket.on('error', () => {}).resume()).listen(port, '127.0.0.1');";
/** Writes its process id to the file `pid`. */
const child = (code: string, options = "{ stdio: 'inherit' }"): string =>
  `fs.writeFileSync("pid", String(spawn(process.execPath, ["-e", ${JSON.stringify(code)}], ${options}).pid));`;
const forever = "setInterval(() => {}, 1000)";

async function start(command: string, addresses: readonly Address[] = [address], limitMs?: number) {
  const target = await startTarget({ addresses, folder }, command, limitMs);
  running.push(target);
  return target;
}

/** The message of a start that fails. */
async function failure(command: string, addresses?: readonly Address[], limitMs?: number): Promise<string> {
  const error: unknown = await start(command, addresses, limitMs).catch((each: unknown) => each);
  expect(error).toBeInstanceOf(Error);
  return (error as Error).message;
}

const childIsGone = (): Promise<void> =>
  until(() => startOfProcess(Number(readFileSync(file("pid"), "utf8"))) === undefined, "the child has ended");

it("is ready when it accepts, and has time to end after SIGTERM", async () => {
  const atEnd = "process.on('SIGTERM', () => { fs.writeFileSync('saved', 'all'); process.exit(0); });";
  const target = await start(node(`${atEnd} setTimeout(() => { ${accept} }, 200);`));
  expect(await accepts(address)).toBe(true);
  await target.close();
  expect(readFileSync(file("saved"), "utf8")).toBe("all");
  expect(await accepts(address)).toBe(false);
});

it.runIf(existsSync("/proc"))("measures the CPU time and memory of the command's children, and ends them", async () => {
  const spin = `while (process.cpuUsage().user < 400_000); ${forever}`;
  const { usage, close } = await start(`: first; ${node(`${child(spin)} ${accept}`)}`);
  await until(() => usage()!.cpuUs >= 300_000, "the CPU time of the child is counted");
  expect(usage()!.rssBytes).toBeGreaterThan(2 * 20 * 2 ** 20);
  await close();
  await childIsGone();
});

it("listens on a Unix socket, whose file is gone when a killed server has left it", async () => {
  const unix = { host: "localhost", port: 0, socketPath: file("chat.sock") };
  const command = node(
    "net.createServer().listen('chat.sock'); process.on('SIGTERM', () => process.kill(process.pid, 9));",
  );
  for (let trial = 1; trial <= 2; trial++) {
    await (await start(command, [unix])).close();
    expect(existsSync(unix.socketPath)).toBe(false);
  }
});

it.each([
  ["as its address says", { protocol: "udp" } as const],
  ["although its address does not say so", {}],
])("is ready with a UDP port, %s", async (_how, more) => {
  const bind =
    "require('node:dgram').createSocket('udp4').bind(port, '127.0.0.1', () => fs.writeFileSync('bound', ''));";
  await start(node(`setTimeout(() => { ${bind} }, 100);`), [{ ...address, ...more }]);
  expect(existsSync(file("bound"))).toBe(true);
});

const alreadyListens = /^something already listens at \S+, and --start would measure that: end it, or take another/;

it("refuses to start where something listens already, and leaves it alone", async () => {
  const server = await listen(address.port);
  listening.push(server);
  expect(await failure("echo never > started")).toMatch(alreadyListens);
  expect([existsSync(file("started")), server.listening]).toEqual([false, true]);
});

it("refuses to start where something listens on the Unix socket already, and leaves its file", async () => {
  const socketPath = file("taken.sock");
  const server = createServer().listen(socketPath);
  listening.push(server);
  await until(() => server.listening, "the socket listens");
  const unix = { host: "localhost", port: 0, socketPath };
  expect(await failure("echo never > started", [unix])).toContain(`listens at ${socketPath}, `);
  expect([existsSync(file("started")), existsSync(socketPath)]).toEqual([false, true]);
});

it.runIf(existsSync("/proc"))("refuses to start where the UDP port is bound already", async () => {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const udp = { host: "127.0.0.1", port: socket.address().port, protocol: "udp" } as const;
  expect(await failure("echo never > started", [udp])).toMatch(alreadyListens);
  socket.close();
});

it("says that a command does not exist, with the folder from which its path counts", async () => {
  expect(await failure("no-such-server --port 1")).toMatch(
    /^"no-such-server --port 1" ended with code 127: .*not found\. Is the program installed, or its path right from \/\S+\?$/,
  );
});

it("says that a file is no program", async () => {
  writeFileSync(file("server"), "text", { mode: 0o600 });
  expect(await failure("./server")).toMatch(/^"\.\/server" ended with code 126: .*\. It is no program, or chmod \+x /);
});

it("says why a command has ended before it accepted, with its last line and where it had to accept", async () => {
  expect(await failure(node("throw new TypeError('no room')"))).toMatch(
    /^".* server\.cjs" ended with code 1: TypeError: no room\. It must accept connections at 127\.0\.0\.1:\d+ until it is ended: try it in a shell\.$/,
  );
});

it.runIf(existsSync("/proc"))(
  "says at which port it listens instead, in time, and ends it with its children",
  async () => {
    const other = await listen();
    const port = (other.address() as AddressInfo).port;
    await new Promise((resolve) => other.close(resolve));
    const wrong = accept.replace("port", String(port));
    expect(await failure(node(`${wrong} ${child(forever)}`), [address], 1_000)).toMatch(
      new RegExp(
        `has not accepted connections at 127\\.0\\.0\\.1:${address.port} within 1 s\\. It listens at port .*\\b${port}\\b`,
      ),
    );
    await childIsGone();
  },
);

it("says that it listens nowhere", async () => {
  expect(await failure("echo loading; exec sleep 60", [address], 200)).toMatch(
    /^"echo loading; exec sleep 60" has not accepted .* within 0\.2 s: loading\. /,
  );
});

it.runIf(existsSync("/proc"))(
  "says that a command must not put its server in the background, and ends that",
  async () => {
    expect(await failure(`${node(accept)} &`)).toMatch(
      /ended with code 0\. It must stay in the foreground until it is ended: leave out the & and /,
    );
    expect(await accepts(address)).toBe(false);
  },
);

it.runIf(existsSync("/proc"))(
  "ends a server that has left the group of its command, and says that it must not",
  async () => {
    const daemon = child(
      `require("node:net").createServer().listen(${address.port}, "127.0.0.1")`,
      "{ detached: true }",
    );
    const target = await start(node(`${daemon} setTimeout(() => process.exit(0), 1_000);`));
    await expect(target.ended).rejects.toThrow(/ended with code 0\. It must stay in the foreground/);
    await target.close();
    await childIsGone();
    expect(await accepts(address)).toBe(false);
  },
);

it("reports a server that dies while it serves, with its last line", async () => {
  const { ended } = await start(
    node(`${accept} server.on('connection', () => setTimeout(() => { console.log('full'); process.exit(9); }, 100));`),
  );
  await expect(ended).rejects.toThrow(/server\.cjs" ended with code 9: full$/);
});

it("ends without an error when it is closed, and a second close does nothing", async () => {
  const target = await start(node(accept));
  let failed = false;
  target.ended.catch(() => (failed = true));
  await target.close();
  await target.close();
  expect(failed).toBe(false);
});
