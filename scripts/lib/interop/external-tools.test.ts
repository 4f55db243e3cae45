import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { externalToolOf } from "./external-tools.ts";

afterEach(() => vi.unstubAllEnvs());

it("asks a program for its version once, however many command lines use it", () => {
  const folder = mkdtempSync(join(tmpdir(), "external-tools-"));
  const log = join(folder, "runs.log");
  writeFileSync(join(folder, "nc"), `#!/bin/sh\necho run >> "${log}"\necho "nc 1.2.3" >&2\nexit 1\n`);
  chmodSync(join(folder, "nc"), 0o755);
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"]}`);
  const nc = { name: "nc", version: "1.2.3", install: "apt-get install netcat-openbsd" };
  expect([externalToolOf("nc HOST 1"), externalToolOf("nc -v HOST 2")]).toEqual([nc, nc]);
  expect(readFileSync(log, "utf8")).toBe("run\n");
  rmSync(folder, { recursive: true });
});
