import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { foreignServers, runForeignServer } from "./lib/interop/foreign-servers.ts";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "dialects-"))));
afterEach(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

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

it("a token that a server repeats in its refusal is in no error, no file and no list of processes", async () => {
  const server = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .on("data", (chunk) => {
        const token = /authorization: (.*)\r/.exec(chunk.toString())?.[1];
        socket.end(`HTTP/1.1 403 no access for ${token}\r\ncontent-length: 0\r\n\r\n`);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const args = ["--target", `ws://127.0.0.1:${port}/?key=$KEY`, "--header", "authorization: Bearer $TOKEN"];
  const out = join(folder, "rows.csv");
  const secrets = { TOKEN: "tok-secret-456", KEY: "key-secret-789" };
  const { seen, code } = startScript("bench.js", [...args, "--scenario", "echo", "--out", out], secrets);
  const processes = execFileSync("ps", ["-eo", "args"]).toString();
  expect(await code).toBe(2);
  expect(seen.err).toMatch(/no access for Bearer \*\*\*|no access for \*\*\*/);
  for (const text of [processes, seen.out, seen.err])
    for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
  server.close();
}, 60_000);
