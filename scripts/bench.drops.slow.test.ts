import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startChatTarget, type ChatTarget } from "../scenarios/testing/chat-target.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

let folder: string;
let server: ChatTarget;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "drops-"))));
afterEach(async () => {
  endAllScripts();
  await server.close();
  rmSync(folder, { recursive: true });
});

/** A run of 60 clients against the server. */
async function bench(...args: string[]) {
  const quick = "--scenario chat-100 --clients 60 --duration 1s --warmup 0ms --rate 20 --transports ws".split(" ");
  const out = join(folder, "a.csv");
  const target = ["--target", `127.0.0.1:${server.port}`, "--connect-rate", "200/s"];
  const { seen, code } = startScript("bench.js", [...quick, ...target, ...args, "--force", "--out", out]);
  const exit = await code;
  const [row] = parse(readFileSync(out), { columns: true }) as Record<string, string>[];
  return { code: exit, row: row!, seen };
}

it.each([[[]], [["--drops", "count"]], [["--drops", "20%"]]])(
  "a target that refuses some clients has a row with %j",
  async (drops) => {
    server = await startChatTarget({ mostClients: 50 });
    const { code, row } = await bench(...drops);
    expect(row).toMatchObject({ clients_refused: "10", clients_dropped: "0", lost: "0", error: "" });
    expect(code).toBe(0);
  },
  60_000,
);

it.each([[["--drops", "fail"]], [["--drops", "10%"]]])(
  "a target that refuses more clients than may be has a failed row with %j",
  async (drops) => {
    server = await startChatTarget({ mostClients: 50 });
    const { code, row } = await bench(...drops);
    expect(row).toMatchObject({ status: "failed", error: expect.stringMatching(/^\d+ of 60 clients were refused: /) });
    expect(code).toBe(1);
  },
  60_000,
);

it("the timeline has the seconds in which connections ended, and a dropped connection fails no run", async () => {
  let heardInTrial = 0;
  server = await startChatTarget({
    hears(_number, speaker, members) {
      const others = members.filter((each) => each.room === speaker.room && each !== speaker);
      if (others.length > 10 && ++heardInTrial === 5) for (const { socket } of others.slice(0, 7)) socket.close();
    },
  });
  const { code, row } = await bench();
  expect(code).toBe(0);
  expect(row).toMatchObject({ clients_dropped: "7", clients_refused: "0", duplicated: "0", unexpected: "0" });
  const timeline = parse(readFileSync(join(folder, "a.timeline.csv")), { columns: true }) as Record<string, string>[];
  expect(timeline.map(({ dropped }) => dropped)).toEqual(["7"]);
  expect(row["rules"]).toContain("clients-dropped");
}, 60_000);
