import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";
import { findProgram, pathFolders } from "../scenarios/lib/find-program.ts";
import { cellOfFaultRow, readFaultRows } from "./validation/faults/fault-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "prove-faults-"));
afterAll(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

async function prove(...args: string[]) {
  const file = ["--file", "new/rows.ndjson"];
  const { seen, code } = startScript("prove-faults.js", [...file, ...args], { INIT_CWD: folder }, folder);
  return { code: await code, ...seen };
}

const canCut = process.platform === "linux" && findProgram(["ss"], pathFolders()) !== undefined;

it.skipIf(!canCut)(
  "prove:faults ends at its time limit, writes the table, and says what it does not know",
  async () => {
    const { code, out } = await prove("--transports", "ws,long-poll", "--faults", "cut", "--time-limit", "1s");
    expect(code).toBe(0);
    const rows = readFaultRows(join(folder, "new/rows.ndjson"));
    expect(rows.map(({ transport, fault, affected }) => [transport, fault, affected])).toEqual([
      ["ws", "cut:50%@5s", 50],
    ]);
    const counts = cellOfFaultRow(rows[0]!) === "ws cut"; // a busy machine may make the row invalid
    expect(out).toMatch(counts ? /^ws +50\/50 /m : /No row counts yet\./);
    await prove("--rows", "0", "--out", "table.json");
    const { cases } = JSON.parse(readFileSync(join(folder, "table.json"), "utf8"));
    expect(cases).toHaveLength(counts ? 1 : 0);
    const unknown = await prove("--faults", "cu");
    expect([unknown.code, unknown.err]).toEqual([
      2,
      expect.stringContaining('--faults "cu" is none of these. Did you mean'),
    ]);
  },
  180_000,
);
