import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { resolveSettings } from "../../../scenarios/definitions/settings.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { scenarios } from "../../../scenarios/scenarios.ts";
import type { BenchFlags } from "./options.ts";
import { checkSubject, chooseSubjects, settingsFor } from "./subjects.ts";

const open: { close(): unknown }[] = [];
let folder: string;
let pems: { private: string; cert: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "subjects-"));
  const extensions = [{ name: "subjectAltName", altNames: [{ type: 2, value: "chat.example.test" }] }] as never;
  pems = await generate([{ name: "commonName", value: "chat.example.test" }], { extensions });
  writeFileSync(join(folder, "ca.pem"), pems.cert);
  writeFileSync(join(folder, "users.csv"), "name,token\nann,t1\nben,t2\n");
  writeFileSync(join(folder, "rooms.yaml"), "speaker: excluded\n");
});
afterAll(() => {
  for (const each of open) each.close();
  rmSync(folder, { recursive: true });
});

function listening(server: Server | HttpServer): Promise<number> {
  open.push(server);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

const tcp = (connected: (socket: Socket) => void): Promise<number> =>
  listening(createServer((socket) => connected(socket.on("error", () => undefined))));

/** A server that answers each handshake with these lines. */
const answering = (...lines: readonly string[]): Promise<number> =>
  tcp((socket) => socket.on("data", () => socket.write(`${lines.join("\r\n")}\r\n\r\n`)));

function echoOver(server: HttpServer): Promise<number> {
  new WebSocketServer({ server }).on("connection", (socket) =>
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
  );
  return listening(server);
}

const secure = (options = {}): Promise<number> =>
  echoOver(createHttpsServer({ key: pems.private, cert: pems.cert, ...options }));

/** Chooses and checks the target of these flags, as the bench does before a run. */
async function check(flags: Partial<BenchFlags>, scenario: "echo" | "chat-100" = "echo"): Promise<unknown> {
  const all = { transports: [], repeat: 1, format: "text", ...flags } as unknown as BenchFlags;
  const settings = resolveSettings(scenario, scenarios[scenario], {});
  const [subject] = await chooseSubjects(all);
  return checkSubject(subject!, settingsFor(subject!, settings, all));
}

it.each<[what: string, url: () => Promise<string>, flags: Partial<BenchFlags>, sentence: RegExp]>([
  ["nothing listens", () => Promise.resolve("ws://127.0.0.1:1"), {}, /Nothing listens there: start the server/],
  [
    "a server says nothing",
    async () => `ws://127.0.0.1:${await tcp(() => undefined)}`,
    {},
    /no response to the handshake within 10000 ms\)\. It accepts and then says nothing/,
  ],
  [
    "a server closes at once",
    async () => `ws://127.0.0.1:${await tcp((socket) => socket.destroy())}`,
    {},
    /It closes connections at once/,
  ],
  [
    "a server sends garbage",
    async () => `ws://127.0.0.1:${await tcp((socket) => socket.write("\x00\x01 nothing\r\n\r\n"))}`,
    {},
    /instead of 101/,
  ],
  [
    "a server refuses the token",
    async () => `ws://127.0.0.1:${await answering("HTTP/1.1 401 Unauthorized", "content-length: 0")}`,
    {},
    /It refuses the client: give a token/,
  ],
  [
    "a server redirects",
    async () => `ws://127.0.0.1:${await answering("HTTP/1.1 302 Found", "location: http://h/")}`,
    {},
    /redirects to another address, which is not followed/,
  ],
  [
    "a server knows no such path",
    async () => `ws://127.0.0.1:${await answering("HTTP/1.1 404 Not Found", "content-length: 0")}/chat`,
    {},
    /knows no such path: correct the path/,
  ],
  [
    "a certificate is self-signed",
    async () => `wss://127.0.0.1:${await secure()}`,
    {},
    /self-signed: trust it with --ca FILE, or do not check it with --insecure/,
  ],
  [
    "a server speaks no TLS",
    async () => `wss://127.0.0.1:${await echoOver(createHttpServer())}`,
    { insecure: true },
    /does not speak TLS at this port/,
  ],
  [
    "a server wants a certificate of the client",
    async () => `wss://127.0.0.1:${await secure({ requestCert: true, ca: pems.cert })}`,
    { insecure: true },
    /wants something of the client in the TLS handshake/,
  ],
  ["a name is unknown", () => Promise.resolve("ws://no-such-host.invalid"), {}, /cannot be looked up/],
  ["an address is public", () => Promise.resolve("ws://8.8.8.8"), {}, /public address 8\.8\.8\.8/],
  [
    "a scheme does not fit",
    () => Promise.resolve("http://127.0.0.1:1"),
    { transports: ["ws"], namesTransports: true },
    /is no address for ws, which takes ws:\/\/, wss:\/\/ or HOST:PORT/,
  ],
  ["http says no transport", () => Promise.resolve("http://127.0.0.1:1"), {}, /does not say which transport/],
])(
  "one sentence says what to do where %s",
  async (_what, url, flags, sentence) => {
    const failing = check({ target: await url(), ...flags });
    await expect(failing).rejects.toThrow(sentence);
    await expect(failing).rejects.toBeInstanceOf(UserError);
  },
  30_000,
);

it("a certificate for another name is refused, and accepted under its own name with its signer", async () => {
  const target = `wss://127.0.0.1:${await secure()}`;
  const ca = join(folder, "ca.pem");
  await expect(check({ target, ca })).rejects.toThrow(/certificate is for another name/);
  await expect(check({ target, ca, servername: "chat.example.test" })).resolves.toMatchObject({
    transport: "ws+tls",
    target: { negotiated: expect.stringMatching(/^TLSv1\.3 TLS_/) },
  });
  const older = `wss://127.0.0.1:${await secure({ maxVersion: "TLSv1.2" })}`;
  await expect(check({ target: older, insecure: true })).resolves.toMatchObject({
    target: { negotiated: expect.stringMatching(/^TLSv1\.2 /) },
  });
});

it("each client needs a line of --data, unless lines may be shared", async () => {
  const target = `ws://127.0.0.1:${await echoOver(createHttpServer())}/?token={{data.token}}`;
  const data = join(folder, "users.csv");
  await expect(check({ target, data })).rejects.toThrow(/users\.csv has 2 lines and the trial 100 clients/);
  await expect(check({ target, data, dataReuse: true })).resolves.toBeDefined();
});

it("a flag about a target is refused without one, and two transports for one target", async () => {
  await expect(check({ header: ["a: b"] })).rejects.toThrow(/^--header is about a server of your own/);
  const two = { target: "ws://127.0.0.1:1", transports: ["ws", "tcp"], namesTransports: true };
  await expect(check(two)).rejects.toThrow(/has one transport, and --transports names 2/);
});

it("a dialect without rooms is refused a scenario with several", async () => {
  const target = `ws://127.0.0.1:${await echoOver(createHttpServer())}`;
  const dialect = join(folder, "rooms.yaml");
  const [subject] = await chooseSubjects({ target, dialect, transports: [] } as unknown as BenchFlags);
  const settings = resolveSettings("chat-10k", scenarios["chat-10k"], {});
  expect(() => settingsFor(subject!, settings, {} as BenchFlags)).toThrow(
    /has 100 rooms, and the dialect rooms does not say/,
  );
});

it.each([
  ["frame", "ws://h", 'frame: { end: "\\n" }', /wrong\.yaml has the field frame, which is not for ws: remove it/],
  ["an unknown transport", "ws://127.0.0.1:1", "transport: sockjs", /sockjs/],
])("a dialect with %s is refused", async (_what, url, line, sentence) => {
  const dialect = join(folder, "wrong.yaml");
  writeFileSync(dialect, `url: ${url}\n${line}\n`);
  const failing = check({ dialect });
  await expect(failing).rejects.toThrow(sentence);
  await expect(failing).rejects.toBeInstanceOf(UserError);
});
