import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { endAllScripts, leftovers, startScript } from "./lib/testing/spawn-script.ts";
import { until } from "../scenarios/lib/until.ts";

/** A transport as somebody elsewhere writes it: plain JavaScript and `node:net`, in a folder that knows nothing of this project. */
const example = readFileSync(fileURLToPath(new URL("../../scripts/lib/template/module.js", import.meta.url)), "utf8");

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

/** The sentences that fail, with why, as they are printed, on a line each. */
function failures(out: string): string[] {
  const lines = out.replaceAll(/\n {9}(?!Why: )/g, " ").split("\n");
  return lines.flatMap((line, i) => (line.startsWith("  fails  ") ? [`${line.trim()} ${lines[i + 1]!.trim()}`] : []));
}

it("says of a module outside this project that keeps the contract just that, 80 columns wide, and exits 0", async () => {
  const { code, out, err } = await conformance(["./netstrings.js"]);
  expect(failures(out)).toEqual([]);
  expect(out).toMatch(/^netstrings\n {2}ok {5}carries nothing at all unchanged/);
  expect(out.trim()).toMatch(/\nnetstrings: \d\d kept\.$/);
  expect(out.split("\n").every((line) => line.length <= 80)).toBe(true);
  expect([code, err]).toEqual([0, ""]);
}, 120_000);

it("measures that module", async () => {
  const args = ["--transports", "./netstrings.js,tcp", "--clients", "20", "--duration", "500ms", "--warmup", "200ms"];
  const { seen, code } = startScript("bench.js", [...args, "--out", "out.csv"], { INIT_CWD: folder }, folder);
  expect(await code).toBe(0);
  expect(seen.out).toMatch(/netstrings/);
  expect(readFileSync(join(folder, "out.csv"), "utf8")).toMatch(/,chat-100,netstrings,20,/);
}, 60_000);

/** Ways to break that module, each a change of its text, and what is said of the sentence that tells. */
const broken: [what: string, from: string, to: string, only: string, fails: RegExp][] = [
  [
    "loses a message now and then",
    "if (socket.writable) socket.write(netstring(payload, asText));",
    "if (socket.writable && Math.random() > 0.1) socket.write(netstring(payload, asText));",
    "1,000 back-to-back messages apart",
    /^fails {2}keeps 1,000 .*Why: waited 10 s in vain until all 1000 messages have arrived: \d+ have$/,
  ],
  [
    "joins two messages that come at once",
    "    held = held.subarray(end);",
    "    held = Buffer.alloc(0);",
    "1,000 back-to-back messages apart",
    /Why: waited 10 s in vain until all 1000 messages have arrived/,
  ],
  [
    "hands two messages on as one",
    "payload: held.subarray(head.length, end)",
    "payload: held.subarray(head.length)",
    "1,000 back-to-back messages apart",
    /Why: something has arrived that was never sent: "message \d+/,
  ],
  [
    "never says that it has closed",
    "void server.close(() => resolve())",
    "server.close()",
    "the server stops",
    /^fails {2}tells every client once when the server stops Why: waited 10 s in vain until the server's close\(\) has resolved$/,
  ],
  [
    "leaks a socket",
    "const sockets = new Set();",
    "const sockets = new Set(); createServer().listen(0);",
    "leaves nothing behind",
    /^fails {2}leaves nothing behind .*by itself, in which is left: .*TCPServerWrap/,
  ],
  [
    "says goodbye twice",
    'socket.on("close", () => inbox.closed(failure));',
    'socket.on("close", () => (inbox.closed(failure), inbox.closed(failure)));',
    "closed its own link",
    /^fails {2}tells the client once .*Why: closed\(\) of the client's inbox was called 2 times, not once$/,
  ],
  [
    "calls the inbox's functions by themselves",
    "(payload, text) => inbox.receive(payload, text),",
    "inbox.receive,",
    "carries one byte",
    /Why: it threw where nobody could catch it: .*receive\(\) of the client's inbox was called by itself, not as inbox\.receive\(\.\.\.\)/,
  ],
  [
    "throws where nobody can catch it",
    "link.push(netstring(payload, asText), payload.length)",
    "link.push(netstring(payload.nothing.at(0), asText), payload.length)",
    "carries one byte",
    /Why: it threw where nobody could catch it: TypeError: Cannot read properties of undefined .*, at broken\.js:\d+$/,
  ],
  [
    "ends the process",
    "const sockets = new Set();",
    "process.exit(7);",
    "carries one byte",
    /Why: it ended the process that tried it, with code 7$/,
  ],
  [
    "never comes back",
    "const sockets = new Set();",
    "for (;;) {}",
    "carries one byte",
    /Why: it came to no end in 30 s$/,
  ],
];

describe("says in a sentence what is wrong with a module, and exits 1, where it", () => {
  it.each(broken)(
    "%s",
    async (_what, from, to, only, fails) => {
      expect(example.split(from)).toHaveLength(2);
      writeFileSync(join(folder, "broken.js"), example.replace(from, to));
      const { code, out } = await conformance(["./broken.js", "--only", only]);
      expect(failures(out)).toEqual([expect.stringMatching(fails)]);
      expect(out.trim()).toMatch(/\nbroken: 1 not kept, 0 kept, \d+ not tried\.$/);
      expect(code).toBe(1);
    },
    60_000,
  );
});

it("goes on after a failure with the next sentence, in a process that knows nothing of it", async () => {
  writeFileSync(join(folder, "broken.js"), example.replace("held = held.subarray(end);", "held = Buffer.alloc(0);"));
  const { code, out } = await conformance(["./broken.js", "--only", "1,000"]);
  expect(out.match(/^ {2}(ok|fails) /gm)).toHaveLength(2);
  expect(code).toBe(1);
}, 60_000);

it("says once why no sentence can be tried, and exits 2", async () => {
  writeFileSync(join(folder, "plain.js"), example.replace(/\n {2}noTlsReason: .*/, ""));
  const { code, out, err } = await conformance(["./plain.js+tls"]);
  expect(err).toMatch(/^plain\+tls does not run over TLS: .* noTlsReason\.\n$/);
  expect([code, out]).toEqual([2, "plain+tls\n"]);
}, 20_000);

const unserved = (): void =>
  writeFileSync(
    join(folder, "broken.js"),
    example.replace("const sockets = new Set();", 'throw new Error("cannot serve");'),
  );

it("says once why every sentence fails, and stops", async () => {
  unserved();
  const { code, out } = await conformance(["./broken.js"]);
  expect(out.match(/Why: cannot serve\n/g)).toHaveLength(1);
  expect(out).toMatch(/\nStopped, as the first 3 sentences have failed for the same reason: --keep-going\n/);
  expect(out.trim()).toMatch(/\nbroken: 3 not kept, 0 kept, \d+ not tried\.$/);
  expect(code).toBe(1);
}, 60_000);

it("tries all of them where it is told to keep going", async () => {
  unserved();
  const { code, out } = await conformance(["./broken.js", "--only", "unchanged", "--keep-going"]);
  expect(out).not.toContain("Stopped");
  expect(out.match(/^ {2}fails /gm)!.length).toBeGreaterThan(3);
  expect(code).toBe(1);
}, 60_000);

it("stops after three sentences in a row that were waited for in vain", async () => {
  writeFileSync(
    join(folder, "broken.js"),
    example.replace("if (held.length < end) return undefined;", "return undefined;"),
  );
  const { code, out } = await conformance(["./broken.js"]);
  expect(out).toMatch(/\nStopped, as 3 sentences in a row have failed after 10 s or more: --keep-going\n/);
  expect(out.trim()).toMatch(/\nbroken: 3 not kept, 0 kept, \d+ not tried\.$/);
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
  await until(() => seen.out.includes("ok "), "the first sentence is kept");
  child.kill("SIGINT");
  expect(await code).toBe(130);
  await until(() => leftovers(mark).length === 0, "every process has ended");
}, 60_000);

describe("takes the user's mistake with one sentence, exit 2 and no stack", () => {
  const field = (from: string, to: string) => example.replace(from, to);
  it.each([
    ["nothing", undefined, [], /^Say which transport/],
    ["a name that is not on the list", undefined, ["wz"], /^Unknown transport "wz"\. Did you mean "ws"\?/],
    ["a path where nothing is", undefined, ["./nope.js"], /^There is no file \.\/nope\.js: give the path/],
    ["a sentence that there is not", undefined, ["tcp", "--only", "flies"], /^No sentence of tcp contains "flies"/],
    ["no default export", "export const nothing = 0;", [], /is not a transport: it has no default export/],
    [
      "a missing field",
      field("  guarantees: {},\n", ""),
      [],
      /is not a transport: guarantees is missing: it must be an object/,
    ],
    [
      "a field of the wrong kind",
      field("socketsPerClient: 1", 'socketsPerClient: "one"'),
      [],
      /socketsPerClient must be a whole number/,
    ],
    [
      "a misspelt field",
      field("  guarantees: {},\n", "  guarantees: {},\n  titel: 'x',\n"),
      [],
      /unknown field "titel"\. Did you mean "title"\?/,
    ],
    [
      "a misspelt guarantee",
      field("guarantees: {}", "guarantees: { reliabel: false }"),
      [],
      /unknown field "guarantees\.reliabel"\. Did you mean "reliable"\?/,
    ],
    [
      "a misspelt option",
      field("options: {}", "options: { pollIntervallMs: 1 }"),
      [],
      /unknown field "options\.pollIntervallMs"\. Did you mean "pollIntervalMs"\?/,
    ],
    [
      "a half that is no function",
      field("({ default: serve })", "({ serve })"),
      [],
      /^The server half of mistaken is not a half: its default export is missing, not a function\.$/,
    ],
    [
      "a half that cannot be loaded",
      field("async () => ({ default: serve })", '() => import("./no-such-half.js")'),
      [],
      /^The server half of mistaken cannot be loaded: Cannot find module/,
    ],
  ])(
    "%s",
    async (_what, text, args, sentence) => {
      if (text !== undefined) writeFileSync(join(folder, "mistaken.js"), text);
      const { code, err } = await conformance(text === undefined ? args : ["./mistaken.js"]);
      expect(err.trim()).toMatch(sentence);
      expect(err.trim()).not.toContain("\n");
      expect(code).toBe(2);
    },
    20_000,
  );
});

it("lists every sentence", async () => {
  const { code, out } = await conformance(["--list"]);
  expect(out).toContain("What a client can observe:\n  carries nothing at all unchanged, there and back\n");
  expect(out.split("\n").every((line) => line.length <= 80)).toBe(true);
  expect(code).toBe(0);
}, 20_000);
