import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parseNetworks } from "../scenarios/definitions/network.ts";
import { chooseBackend } from "../scenarios/system/network-backends.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";
import { readNetworkRows, tableTransports } from "./validation/network/network-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "prove-network-"));
afterAll(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

const unavailable = await chooseBackend(parseNetworks("--network", "rtt=20ms")[0]!.conditions, undefined).then(
  () => undefined,
  (error: Error) => error.message,
);

async function prove(...args: string[]) {
  const { seen, code } = startScript(
    "prove-network.js",
    ["--file", "new/rows.ndjson", "--duration", "1s", ...args],
    { INIT_CWD: folder },
    folder,
  );
  return { code: await code, ...seen };
}

const rows = () => readNetworkRows(join(folder, "new/rows.ndjson"));

it.skipIf(unavailable !== undefined)(
  "prove:network ends at its time limit, goes on where it ended, and writes the table",
  async () => {
    const [first, second] = tableTransports;
    expect((await prove("--rows", "1", "--time-limit", "1s")).code).toBe(0);
    expect(rows().map(({ transport }) => transport)).toEqual([first]);
    expect((await prove("--rows", "1", "--time-limit", "1s")).code).toBe(0);
    expect(rows().map(({ transport }) => transport)).toEqual([first, second]);
    const { out } = await prove("--rows", "0", "--out", "table.json");
    expect(out).toMatch(new RegExp(`^${first} +\\d+ `, "m"));
    expect(out).toMatch(/; 0 to 1 row\s/);
    expect(out).toContain("not measured: SSE and WebSocket recover alike.");
    expect(JSON.parse(readFileSync(join(folder, "table.json"), "utf8"))).toMatchObject({
      clients: 30,
      by: rows()[0]!.network_by,
    });
    expect((await prove("--rows", "0", "--out", "table.json")).err).toMatch(/table\.json: it already exists/);
  },
  120_000,
);
