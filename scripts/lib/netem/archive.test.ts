import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { archiveRecord, writeArchive } from "./archive.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "archive-"))));
afterEach(() => rmSync(folder, { recursive: true }));

it("a record is a header, a path and a content, each up to a multiple of four bytes", () => {
  const bytes = Buffer.concat(archiveRecord("init", 0o100755, Buffer.from("hello")));
  expect(bytes.toString()).toMatch(
    /^070701[\da-f]{8}000081ed0{16}0{7}10{8}0{7}50{32}0{7}50{8}init\0\0{0,3}hello\0{3}$/,
  );
  expect(bytes.length % 4).toBe(0);
});

it.skipIf(spawnSync("cpio", ["--version"]).status !== 0)("cpio reads what was written", () => {
  writeFileSync(join(folder, "source"), "of the host");
  writeArchive(
    join(folder, "all.cpio"),
    new Map([
      ["a/b/text", { content: Buffer.from("seven b") }],
      ["a/link", { link: "b/text" }],
      ["copied", { file: join(folder, "source") }],
    ]),
  );
  const { status, stderr } = spawnSync("cpio", ["-i", "--quiet", "-F", "all.cpio"], { cwd: folder, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(readFileSync(join(folder, "a/link"), "utf8")).toBe("seven b");
  expect(readlinkSync(join(folder, "a/link"))).toBe("b/text");
  expect(readFileSync(join(folder, "copied"), "utf8")).toBe("of the host");
});
