import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { foreignServers, runForeignServer } from "./lib/interop/foreign-servers.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "dialects-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** The servers that need Node alone. npm run test:interop tries the others as well. */
const plain = foreignServers.filter(({ needs }) => !needs);

it.each(plain)(
  "$dialect: every delivery and every byte is as reckoned",
  async (server) => {
    const { differences, row } = await runForeignServer(server, folder);
    expect(differences).toEqual([]);
    expect(row["transport"]).toBe(server.dialect);
    expect(row["bytes_counted_at"]).toBe("clients");
    expect(Number(row["server_cpu_us_per_delivery"])).toBeGreaterThan(0);
  },
  60_000,
);

it("a token of the environment is in no file and in no output", async () => {
  const server = foreignServers.find(({ dialect }) => dialect === "socket.io-team")!;
  const { output, row } = await runForeignServer(server, folder);
  expect(row["delivered"]).not.toBe("0");
  const texts = [output, ...readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"))];
  expect(texts.length).toBeGreaterThan(2);
  for (const text of texts) expect(text).not.toContain("team-secret-123");
}, 60_000);
