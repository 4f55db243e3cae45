import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { endAllScripts, leftovers, startScript } from "./lib/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

/** A transport of a user: plain JavaScript and `node:net`, in a folder outside this project. */
const example = readFileSync(fileURLToPath(new URL("../../scripts/lib/template/module.js", import.meta.url)), "utf8");

/** The example with one change in its text. */
function changed(from: string, to: string): string {
  expect(example.split(from)).toHaveLength(2);
  return example.replace(from, to);
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "elsewhere-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "netstrings.js"), example);
});
afterEach(endAllScripts);
afterAll(() => rmSync(folder, { recursive: true }));

async function conformance(args: string[], env: NodeJS.ProcessEnv = {}) {
  const { seen, code } = startScript("conformance.js", args, { INIT_CWD: folder, ...env }, folder);
  return { code: await code, ...seen };
}

/** Each failed check and its reason on one line. */
function failures(out: string): string[] {
  const lines = out.replaceAll(/\n {11}(?!Reason: )/g, " ").split("\n");
  return lines.flatMap((line, i) => (line.startsWith("  FAILED  ") ? [`${line.trim()} ${lines[i + 1]!.trim()}`] : []));
}

it("passes every check of a module outside this project, prints 80 columns, and exits 0", async () => {
  const { code, out, err } = await conformance(["./netstrings.js"]);
  expect(failures(out)).toEqual([]);
  expect(out).toMatch(/^netstrings\n {2}passed {3}payload-empty: carries an empty payload unchanged/);
  expect(out.trim()).toMatch(/\nnetstrings: \d\d passed, 0 failed, 0 skipped\.$/);
  expect(out.split("\n").every((line) => line.length <= 80)).toBe(true);
  expect([code, err]).toEqual([0, ""]);
}, 120_000);

it("skips a check that cannot run, with the reason, and still exits 0", async () => {
  writeFileSync(join(folder, "uncounted.js"), changed("traffic() {\n", "traffic() {\n      return undefined;\n"));
  const args = ["./uncounted.js", "--only", "traffic-counts,send-to-one"];
  const { code, out } = await conformance(args);
  expect(out).toMatch(
    /\n {2}skipped {2}traffic-counts: .*\n {11}Reason: the server's traffic\(\) is undefined: its bytes are not known\n/,
  );
  expect(out).toMatch(/\nuncounted: 1 passed, 0 failed, 1 skipped, \d+ not run\.\n/);
  expect(code).toBe(0);

  const json = await conformance([...args, "--format", "json"]);
  expect(JSON.parse(json.out)).toMatchObject([
    {
      transport: "uncounted",
      passed: 1,
      failed: 0,
      skipped: 1,
      checks: [
        { id: "send-to-one", outcome: "passed", description: expect.any(String), ms: expect.any(Number) },
        {
          id: "traffic-counts",
          outcome: "skipped",
          reason: "the server's traffic() is undefined: its bytes are not known",
        },
      ],
    },
  ]);
  expect(json.code).toBe(0);
}, 60_000);

it("bench measures a module outside this project", async () => {
  const args = ["--transports", "./netstrings.js,tcp", "--clients", "20", "--duration", "500ms", "--warmup", "200ms"];
  const { seen, code } = startScript("bench.js", [...args, "--out", "out.csv"], { INIT_CWD: folder }, folder);
  expect(await code).toBe(0);
  expect(seen.out).toMatch(/netstrings/);
  expect(readFileSync(join(folder, "out.csv"), "utf8")).toMatch(/,chat-100,netstrings,20,/);
}, 60_000);

/** Ways to break the module: a change of its text, the check that must fail, and the failure that must be printed. */
const defects: [title: string, from: string, to: string, id: string, failure: RegExp][] = [
  [
    "loses messages at random",
    "if (socket.writable) socket.write(frame(payload, text));",
    "if (socket.writable && Math.random() > 0.1) socket.write(frame(payload, text));",
    "burst-echoed",
    /^FAILED {3}burst-echoed: .*Reason: not within 10 s: all 1000 messages have arrived: \d+ have$/,
  ],
  [
    "loses the second of two messages that arrive at once",
    "    buffered = buffered.subarray(end);",
    "    buffered = Buffer.alloc(0);",
    "burst-echoed",
    /Reason: not within 10 s: all 1000 messages have arrived: \d+ have$/,
  ],
  [
    "joins two messages that arrive at once",
    "payload: buffered.subarray(header.length, end)",
    "payload: buffered.subarray(header.length)",
    "burst-echoed",
    /Reason: a message arrived that was never sent: "message \d+/,
  ],
  [
    "never resolves close()",
    "void server.close(() => resolve())",
    "server.close()",
    "server-stops",
    /^FAILED {3}server-stops: calls closed\(\) of every client once if the server stops Reason: waited 10 s in vain until the server's close\(\) has resolved$/,
  ],
  [
    "leaks a socket",
    "const connections = new Set();",
    "const connections = new Set(); createServer().listen(0);",
    "clean-exit",
    /^FAILED {3}clean-exit: leaves nothing behind .*Reason: not within 10 s: the process of the closed server has ended by itself; what keeps it alive: .*TCPServerWrap/,
  ],
  [
    "calls closed() twice",
    'socket.on("close", () => handler.closed(failure));',
    'socket.on("close", () => (handler.closed(failure), handler.closed(failure)));',
    "client-closes",
    /Reason: closed\(\) of the client's handler was called 2 times, not once$/,
  ],
  [
    "calls closed() again 20 ms later",
    'socket.on("close", () => handler.closed(failure));',
    'socket.on("close", () => (handler.closed(failure), setTimeout(() => handler.closed(failure), 20)));',
    "server-stops",
    /Reason: closed\(\) of the client's handler was called 2 times, not once$/,
  ],
  [
    "calls the handler's methods unbound",
    "(payload, text) => handler.receive(payload, text),",
    "handler.receive,",
    "payload-one-byte",
    /Reason: an exception was thrown that nobody can catch: receive\(\) of the client's handler was called without its handler: call handler\.receive\(\.\.\.\)$/,
  ],
  [
    "throws where nobody can catch it",
    "write(socket, frame(payload, text), payload.length)",
    "write(socket, frame(payload.nothing.at(0), text), payload.length)",
    "payload-one-byte",
    /Reason: an exception was thrown that nobody can catch: TypeError: Cannot read properties of undefined .*, at broken\.js:\d+$/,
  ],
  [
    "ends the process",
    "const connections = new Set();",
    "process.exit(7);",
    "payload-one-byte",
    /Reason: the process of the check ended, with exit code 7$/,
  ],
  [
    "never returns",
    "const connections = new Set();",
    "for (;;) {}",
    "payload-one-byte",
    /Reason: the check did not end within 30 s$/,
  ],
];

describe("prints what is wrong, and exits 1, if a module", () => {
  it.each(defects)(
    "%s",
    async (_title, from, to, id, failure) => {
      writeFileSync(join(folder, "broken.js"), changed(from, to));
      const { code, out } = await conformance(["./broken.js", "--only", id]);
      expect(failures(out)).toEqual([expect.stringMatching(failure)]);
      expect(out.trim()).toMatch(/\nbroken: 0 passed, 1 failed, 0 skipped, \d+ not run\.$/);
      expect(code).toBe(1);
    },
    60_000,
  );
});

it("fails a server in another program whose sink sends messages", async () => {
  const echoes = changed(
    "      application.receive(connection, payload, text);",
    "      connection.send(payload, text);",
  );
  writeFileSync(join(folder, "broken.js"), echoes.replace("guarantees: {}", 'guarantees: { apps: ["sink"] }'));
  const { code, out } = await conformance(["./broken.js", "--only", "external-sink"]);
  expect(failures(out)).toEqual([expect.stringMatching(/Reason: the sink sent \d+ messages$/)]);
  expect(code).toBe(1);
}, 60_000);

it("runs the next check after a failure in a new process", async () => {
  writeFileSync(
    join(folder, "broken.js"),
    changed("buffered = buffered.subarray(end);", "buffered = Buffer.alloc(0);"),
  );
  const { code, out } = await conformance(["./broken.js", "--only", "burst"]);
  expect(out.match(/^ {2}(passed|FAILED) {3}burst-/gm)).toHaveLength(2);
  expect(code).toBe(1);
}, 60_000);

it("prints one sentence, and exits 2, if a mistake of the user prevents every check", async () => {
  writeFileSync(join(folder, "plain.js"), example.replace(/\n {2}noTlsReason: .*/, ""));
  const { code, out, err } = await conformance(["./plain.js+tls"]);
  expect(err).toBe(
    "plain+tls does not run over TLS: its server half returned an address without a certificate. Make its server with " +
      "streamServer of servers/lib/hosting/tls.ts (for HTTP: httpServer of servers/lib/http/http-server.ts), or give the " +
      "transport a noTlsReason.\n",
  );
  expect([code, out]).toEqual([2, "plain+tls\n"]);
}, 20_000);

function writeModuleThatCannotServe(): void {
  writeFileSync(
    join(folder, "broken.js"),
    changed("const connections = new Set();", 'throw new Error("cannot serve");'),
  );
}

it("stops after three failures for the same reason, which it prints once", async () => {
  writeModuleThatCannotServe();
  const { code, out } = await conformance(["./broken.js"]);
  expect(out.match(/Reason: cannot serve\n/g)).toHaveLength(1);
  expect(out).toMatch(/\nStopped because the first 3 checks have failed for the same reason\. --keep-going\s/);
  expect(out.trim()).toMatch(/\nbroken: 0 passed, 3 failed, 0 skipped, \d+ not run\.$/);
  expect(code).toBe(1);
}, 60_000);

it("runs every check with --keep-going", async () => {
  writeModuleThatCannotServe();
  const { code, out } = await conformance(["./broken.js", "--only", "payload", "--keep-going"]);
  expect(out).not.toContain("Stopped");
  expect(out.match(/^ {2}FAILED /gm)!.length).toBeGreaterThan(3);
  expect(code).toBe(1);
}, 60_000);

it("stops after three time-outs in a row", async () => {
  writeFileSync(
    join(folder, "broken.js"),
    changed("if (buffered.length < end) return undefined;", "return undefined;"),
  );
  const { code, out } = await conformance(["./broken.js"]);
  expect(out).toMatch(/\nStopped because 3 checks in a row have failed after 10 s or more\. --keep-going\s/);
  expect(out.trim()).toMatch(/\nbroken: 0 passed, 3 failed, 0 skipped, \d+ not run\.$/);
  expect(code).toBe(1);
}, 60_000);

it("leaves no process behind when it is interrupted, and exits 130", async () => {
  const mark = `conformance-${process.pid}`;
  const { child, seen, code } = startScript(
    "conformance.js",
    ["./netstrings.js"],
    { INIT_CWD: folder, BENCH_MARK: mark },
    folder,
  );
  await until(() => seen.out.includes("passed "), "the first check has passed");
  child.kill("SIGINT");
  expect(await code).toBe(130);
  await until(() => leftovers(mark).length === 0, "every process has ended");
}, 60_000);

describe("prints one sentence and exits 2 for a mistake of the user:", () => {
  it.each([
    ["no transport", undefined, [], "Name a transport: its name on the list, or the path of its module."],
    [
      "a name that is not on the list",
      undefined,
      ["wz"],
      'Unknown transport "wz". Did you mean "ws"? To see all names: npm run bench -- --list. ' +
        "For a module of your own, give a path with a slash, such as ./mine.js.",
    ],
    [
      "a path without a file",
      undefined,
      ["./nope.js"],
      "There is no file ./nope.js: give the path of a module, or a name of npm run bench -- --list.",
    ],
    [
      "an id without a check",
      undefined,
      ["tcp", "--only", "flies"],
      'No check of tcp has an id that contains "flies". --list prints the ids.',
    ],
    [
      "an unknown format",
      undefined,
      ["tcp", "--format", "xml"],
      'Unknown --format "xml". The choices are: text, json.',
    ],
    [
      "a module without a default export",
      "export const nothing = 0;",
      [],
      "mistaken.js is not a transport: it has no default export that is an object.",
    ],
    [
      "a missing field",
      changed("  guarantees: {},\n", ""),
      [],
      "mistaken.js is not a transport: guarantees is missing: it must be an object; {} guarantees everything.",
    ],
    [
      "a field of another type",
      changed("socketsPerClient: 1", 'socketsPerClient: "one"'),
      [],
      "mistaken.js is not a transport: socketsPerClient must be a whole number.",
    ],
    [
      "a misspelt field",
      changed("  guarantees: {},\n", "  guarantees: {},\n  titel: 'x',\n"),
      [],
      // There are too many fields to name all of them.
      'mistaken.js is not a transport: unknown field "titel". Did you mean "title"?',
    ],
    [
      "a misspelt guarantee",
      changed("guarantees: {}", "guarantees: { reliabel: false }"),
      [],
      expect.stringMatching(
        /^mistaken\.js is not a transport: unknown field "guarantees\.reliabel"\. Did you mean "reliable"\? The choices are: [\w, ]+\.$/,
      ),
    ],
    [
      "a misspelt option",
      changed("options: {}", "options: { pollIntervallMs: 1 }"),
      [],
      expect.stringMatching(
        /^mistaken\.js is not a transport: unknown field "options\.pollIntervallMs"\. Did you mean "pollIntervalMs"\? The choices are: [\w, ]+\.$/,
      ),
    ],
    [
      "a half that is not a function",
      changed("({ default: serve })", "({ serve })"),
      [],
      "The server half of mistaken must export a function as its default; its default export is missing.",
    ],
    [
      "a half that cannot be loaded",
      changed("async () => ({ default: serve })", '() => import("./no-such-half.js")'),
      [],
      expect.stringMatching(/^The server half of mistaken cannot be loaded: Cannot find module .*$/),
    ],
  ])(
    "%s",
    async (_title, text, args, sentence) => {
      if (text !== undefined) writeFileSync(join(folder, "mistaken.js"), text);
      const { code, err } = await conformance(text === undefined ? args : ["./mistaken.js"]);
      expect(err.trim().replaceAll(`${folder}/`, "")).toEqual(sentence);
      expect(err.trim()).not.toContain("\n");
      expect(code).toBe(2);
    },
    20_000,
  );
});

it("lists the id and the description of every check, 80 columns wide", async () => {
  const { code, out } = await conformance(["--list"]);
  expect(out).toMatch(
    /^What a client can observe:\n {2}payload-empty {2,}carries an empty payload unchanged both ways\n/,
  );
  expect(out.split("\n").every((line) => line.length <= 80)).toBe(true);
  expect(code).toBe(0);
}, 20_000);
