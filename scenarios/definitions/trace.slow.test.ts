import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readTrace } from "./trace.ts";

it("a CSV with more than a million messages is refused, and one with a million is read", () => {
  const folder = mkdtempSync(join(tmpdir(), "trace-"));
  try {
    const path = join(folder, "a.csv");
    const read = (messages: number) => {
      writeFileSync(path, `time,room,sender,text\n${"1,a,b,\n".repeat(messages)}`);
      return readTrace({ path, speed: 1, listeners: 0 });
    };
    expect(() => read(1_000_001)).toThrow(/a\.csv has more than 1,000,000 messages: make several/);
    expect(read(1_000_000).sender).toHaveLength(1_000_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
