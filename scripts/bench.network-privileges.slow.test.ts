import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

vi.setConfig({ testTimeout: 120_000 });

const script = fileURLToPath(new URL("bench.js", import.meta.url));

/** Words that run the words after them where the shell command has been carried out. */
const after = (command: string, ...unshare: string[]): string[] =>
  ["unshare", ...unshare].concat("sh", "-c", `${command} && exec "$@"`, "sh");
const withoutTun = after("mount -t tmpfs none /dev/net", "--mount");
const withOpenTun = after("mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200", "--mount");
const withoutUserNamespaces = after("echo 0 > /proc/sys/user/max_user_namespaces", "--user", "--map-root-user");
const inNamespaceOfOthers = ["unshare", "--user"];
const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

const isRoot = process.platform === "linux" && process.getuid!() === 0;
const can = (words: readonly string[]): boolean => spawnSync(words[0]!, [...words.slice(1), "true"]).status === 0;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "privileges-"));
  chmodSync(folder, 0o777);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the bench for a second over a network of 20 ms, behind these words. */
async function bench(prefix: readonly string[], ...args: string[]) {
  const load = "--scenario echo --clients 5 --rate 25 --warmup 500ms --duration 1s --network rtt=20ms --out out.csv";
  const [program, ...words] = [...prefix, process.execPath, script, ...load.split(" "), ...args];
  const child = spawn(program!, words, { cwd: folder, env: { ...process.env, INIT_CWD: folder, HOME: folder } });
  let err = "";
  child.stderr.on("data", (chunk) => (err += String(chunk)));
  child.stdout.resume();
  const [code] = (await once(child, "close")) as [number];
  return { code, err };
}

const rows = (): Record<string, string>[] => parse(readFileSync(join(folder, "out.csv")), { columns: true });

describe.skipIf(!isRoot)("a network that this user cannot have is one sentence", () => {
  it.skipIf(!can(withoutTun)).each([
    ["no tun", withoutTun, /tun: \/dev\/net\/tun cannot be opened \(ENOENT/],
    ["a tun of root alone", asNobody, /tun: \/dev\/net\/tun cannot be opened \(EACCES/],
    ["no user namespaces", withoutUserNamespaces, /tun: this system allows this user no network namespaces \(sysctl/],
    ["namespaces of another user", inNamespaceOfOthers, /tun: .*(EACCES|no network namespaces)/],
  ] as const)("%s", async (_what, prefix, sentence) => {
    const { code, err } = await bench(prefix, "--transports", "ws", "--network-by", "tun");
    expect(err).toMatch(sentence);
    expect(err).toMatch(/^Nothing here can make this network: [^\n]+\.\n$/);
    expect(code).toBe(2);
  });

  it.each([
    ["nobody", asNobody],
    ["a user without user namespaces", withoutUserNamespaces],
    ["somebody in namespaces of another user", inNamespaceOfOthers],
  ])("but %s has the proxy", async (_who, prefix) => {
    await bench(prefix, "--transports", "tcp", "--network-by", "proxy");
    expect(rows()).toMatchObject([{ network_by: "proxy", sent: "25", lost: "0" }]);
  });
});

describe.skipIf(!isRoot || !can(withOpenTun))(
  "a user without privileges, on a system with an open /dev/net/tun",
  () => {
    it("has a network by the emulator for datagrams, streams and TLS", async () => {
      const names = ["udp", "ws", "ws+tls"];
      await bench([...withOpenTun, ...asNobody], "--transports", names.join(), "--network-by", "tun");
      expect(rows().map(({ transport }) => transport)).toEqual(names);
      for (const row of rows()) {
        expect(row).toMatchObject({ network_by: "tun", sent: "25", lost: "0", error: "" });
        expect(Number(row["latency_min_us"])).toBeGreaterThanOrEqual(20_000);
      }
    });
  },
);
