import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it } from "vitest";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

const dialects = fileURLToPath(new URL("../../scenarios/dialects/", import.meta.url));
const quick = "--clients 20 --duration 2s --warmup 500ms --rate 40 --payload-bytes 64".split(" ");
/** Messages of such a trial, and receivers in a room. */
const [messages, clients] = [80, 20];

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "dialects-"))));
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

/** The row of a trial of these dialects. */
async function rowsOf(names: readonly string[], scenario: string, extra: readonly string[] = []) {
  const out = join(folder, "rows.csv");
  const transports = names.map((name) => (name === "ws" ? name : join(dialects, `${name}.yaml`))).join(",");
  const args = ["--scenario", scenario, "--transports", transports, ...quick, ...extra, "--out", out, "--force"];
  const { seen, code } = startScript("bench.js", args, { TEAM_TOKEN: "team-secret-123" });
  const exit = await code;
  expect([exit, seen.err]).toEqual([0, ""]);
  return { rows: parse(readFileSync(out), { columns: true }) as Record<string, string>[], seen };
}

const hasPython = ((): boolean => {
  try {
    execFileSync("python3", ["-c", "import websockets"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Frame header of the server, for a payload of up to 125 bytes, and of the client. */
const [serverFrame, clientFrame] = [2, 6];

const overheads = (send: number, delivery: number) => ({
  overhead_bytes_per_send: String(send),
  overhead_bytes_per_delivery: String(delivery),
});

it.each<[name: string, scenario: string, expected: number, overhead: Record<string, string>]>([
  ["ws-broadcast", "chat-100", messages * (clients - 1), overheads(clientFrame, serverFrame)],
  ["unix-socket", "chat-100", messages * (clients - 1), overheads(clientFrame, serverFrame)],
  ["ws-json", "chat-100", messages * clients, {}],
  ["tutorial-tcp", "echo", messages, overheads(0, 0)],
  ["tutorial-ws", "echo", messages, overheads(clientFrame, serverFrame + "hello".length)],
  ["tutorial-socket.io", "chat-100", messages * clients, {}],
  ["tutorial-robot", "echo", messages, {}],
  ["socket.io-team", "chat-100", messages * clients, {}],
  ["api-polling", "chat-100", messages * clients, {}],
  ["api-sse", "chat-100", messages * clients, {}],
])(
  "%s in %s: every delivery is counted, none is lost",
  async (name, scenario, expected, overhead) => {
    // Over TCP a server answers two messages at once where it reads both at once, so no client says two of them soon.
    const { rows } = await rowsOf([name], scenario, name === "tutorial-tcp" ? ["--clients", "80"] : []);
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(row).toMatchObject({ transport: name, expected: String(expected), delivered: String(expected), lost: "0" });
    for (const column of ["duplicated", "reordered", "corrupted", "unexpected"])
      expect([column, row![column]]).toEqual([column, "0"]);
    expect(row).toMatchObject(overhead);
  },
  60_000,
);

it.skipIf(!hasPython)(
  "python-websockets in chat-100, beside ws in one file",
  async () => {
    const { rows } = await rowsOf(["python-websockets", "ws"], "chat-100");
    expect(rows.map((row) => row["transport"])).toEqual(["python-websockets", "ws"]);
    for (const row of rows) {
      expect(row).toMatchObject({ delivered: String(messages * clients), lost: "0", network: "loopback" });
      expect(Number(row["server_cpu_us_per_delivery"])).toBeGreaterThan(0);
    }
  },
  60_000,
);

it("a token of the environment is in no file and in no output", async () => {
  const { seen } = await rowsOf(["socket.io-team"], "chat-100");
  const files = execFileSync("sh", ["-c", 'cat "$0"/*', folder], { maxBuffer: 2 ** 28 }).toString();
  for (const text of [files, seen.out, seen.err]) expect(text).not.toContain("team-secret-123");
}, 60_000);
