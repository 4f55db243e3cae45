import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** What a path of an archive is: a file with these bytes or those of this file of the host, or a symbolic link. */
export type ArchiveEntry = { content: Buffer } | { file: string } | { link: string };

/** Modes of a folder, a file that all may execute, and a link (inode(7)). */
const [folderMode, fileMode, linkMode] = [0o040755, 0o100755, 0o120777];
const trailer = "TRAILER!!!";

/**
 * Writes an archive that the kernel unpacks as its first file system: cpio in the format "newc" (kernel documentation,
 * driver-api/early-userspace/buffer-format). Paths begin without a slash; their folders need not be named.
 */
export function writeArchive(to: string, entries: ReadonlyMap<string, ArchiveEntry>): void {
  const output = openSync(to, "w");
  const write = (path: string, mode: number, content: Buffer): void => {
    for (const part of archiveRecord(path, mode, content)) writeSync(output, part);
  };
  for (const folder of foldersOf(entries.keys())) write(folder, folderMode, Buffer.alloc(0));
  for (const [path, entry] of entries) {
    if ("link" in entry) write(path, linkMode, Buffer.from(entry.link));
    else write(path, fileMode, "file" in entry ? readFileSync(entry.file) : entry.content);
  }
  write(trailer, 0, Buffer.alloc(0));
  closeSync(output);
}

/** All folders in which these paths are, the outer ones first. */
function foldersOf(paths: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const path of paths)
    for (let folder = dirname(path); folder !== "." && !folders.has(folder); folder = dirname(folder))
      folders.add(folder);
  return [...folders].toSorted((one, other) => one.length - other.length);
}

let inode = 0;

/** A header of 110 characters, the path and the content, both up to a multiple of four bytes. */
export function archiveRecord(path: string, mode: number, content: Buffer): Buffer[] {
  const fields = [++inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, path.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}${path}\0`;
  return [Buffer.from(header), padding(header.length), content, padding(content.length)];
}

function padding(bytes: number): Buffer {
  return Buffer.alloc((4 - (bytes % 4)) % 4);
}
