import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterAll, describe, expect, it } from "vitest";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-"));
afterAll(() => {
  endAllScripts();
  rmSync(folder, { recursive: true });
});

describe("bench prints one sentence without a stack, and exits 2, for a mistake of the user:", () => {
  it.each([
    [["--scenario", "echo", "--transports", "wx"], /Unknown transport "wx"\. Did you mean "ws"\?/],
    [["--scenario", "echo", "--transports", "wss2"], /Unknown transport "wss2"\. Did you mean "wss"\?/],
    [["--scenario", "echo", "--transports", "udp", "--tls"], /^udp cannot run over TLS: TLS needs a byte stream/],
    [
      ["--scenario", "echo", "--transports", "ws,./nope.js"],
      /^There is no file \.\/nope\.js: give the path of a module/,
    ],
    [["--scenario", "echo", "--transports", "./nope.js+tls"], /^There is no file \.\/nope\.js: /],
    [["--scenario", "echo", "now"], /^Too many arguments, 1 instead of 0: .*--help lists them/],
    [["--scenario"], /^--scenario <name> needs a value: npm run bench -- --help shows which\.$/],
    [["--scenario", "echo", "--clients", "-5"], /--clients "-5" is not a whole number from 1 to 1,000,000/],
    [["--scenario", "echo", "--rate", "0"], /--rate "0" is not a number above 0/],
    [["--scenario", "echo", "--payload-bytes", "4"], /--payload-bytes "4" is not a size from 16/],
    [["--scenario", "echo", "--duration", "10"], /--duration "10" is not a duration: .* such as 500ms/],
    [["--scenario", "echo", "--out", "no/such/folder/x.csv"], /Cannot write .*x\.csv: its folder does not exist/],
    [
      ["--scenario", "idle-100k", "--clients", "1000000", "--transports", "short-poll"],
      /^short-poll with 1000000 clients needs .+, and .+: use at most \d+ --clients, or .+\.$/,
    ],
    [
      ["--scenario", "chat-1k", "--clients", "1000000", "--transports", "tcp", "--workers", "1"],
      /^tcp with 1000000 clients needs .+, and .+: use at most \d+ --clients, or .+\.$/,
    ],
  ])(
    "%j",
    async (args, sentence) => {
      const { seen, code: ended } = startScript("bench.js", args, { INIT_CWD: folder }, folder);
      const code = await ended;
      const { err } = seen;
      expect(err.trim()).toMatch(sentence);
      expect(err.trim()).not.toContain("\n");
      expect(code).toBe(2);
    },
    20_000,
  );
});

it("--abort-on-threshold ends a trial that can keep its thresholds no more, and exits 6", async () => {
  const leaky = fileURLToPath(new URL("../scenarios/testing/leaky.js", import.meta.url));
  const load = ["--clients", "20", "--warmup", "200ms", "--duration", "60s", "--rate", "200"];
  const args = ["--transports", leaky, ...load, "--out", "out.csv"];
  const options = [...args, "--threshold", "lost=0", "--abort-on-threshold"];
  const { seen, code } = startScript("bench.js", options, { INIT_CWD: folder }, folder);
  expect(await code).toBe(6);
  const reason = /aborted \d\.\d s after T0: \d+ deliveries are lost, so the threshold lost=0 can hold no more/;
  expect(seen.err).toMatch(new RegExp(`^leaky, chat-100: ${reason.source}\\.$`, "m"));
  expect(parse(readFileSync(join(folder, "out.csv")), { columns: true })).toMatchObject([
    { status: "failed", rules: "aborted-on-threshold", error: expect.stringMatching(reason), lost: "" },
  ]);
}, 30_000);
