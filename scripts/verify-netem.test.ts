import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../scenarios/lib/errors.ts";
import { unpackKernel } from "./lib/netem/debian-kernel.ts";
import { startScript } from "./lib/spawn-script.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "verify-netem-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe.skipIf(process.platform !== "linux" || process.arch !== "x64")("what is missing is one sentence", () => {
  it("names every program that is not installed and the packages to install", async () => {
    const { seen, code } = startScript("verify-netem.js", [], { PATH: folder });
    expect(await code).toBe(2);
    expect(seen.err).toMatch(
      /^There is no qemu-system-x86_64 and no .*: apt-get install qemu-system-x86 busybox-static .*\.\n$/,
    );
  });

  it.skipIf(spawnSync("dpkg-deb", ["--version"]).status !== 0)("names a file that is no kernel", () => {
    const file = join(folder, "other.deb");
    writeFileSync(file, "no package");
    expect(() => unpackKernel(folder, file, ["veth"])).toThrow(UserError);
    expect(() => unpackKernel(folder, file, ["veth"])).toThrow(
      /other\.deb is no kernel .*: give --kernel-package .*\.$/,
    );
  });
});
