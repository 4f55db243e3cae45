import { expect, it } from "vitest";
import { toolVersion } from "./tool-version.ts";

const never = new AbortController().signal;
const tool = { name: "tool", version: /^tool (4\.\d+\.\d+)/, get: "apt-get install tool" };
const saying = (text: string): string[] => [
  process.execPath,
  "-e",
  `console.error(${JSON.stringify(text)}); process.exit(1)`,
];

it("finds the version in what a tool prints, wherever it prints it and however it ends", async () => {
  expect(await toolVersion({ ...tool, asks: saying("tool 4.1.0\nUsage: tool") }, never)).toEqual({ version: "4.1.0" });
});

it("says that a tool is missing where there is no such program", async () => {
  expect(await toolVersion({ ...tool, asks: ["no-such-tool-anywhere", "-v"] }, never)).toEqual({ missing: true });
});

it("says in one sentence that a version is not known", async () => {
  const found = await toolVersion({ ...tool, asks: saying("tool 5.0.0\nmore") }, never);
  expect(found).toEqual({
    sentence: expect.stringMatching(/^tool is left out: .* says "tool 5\.0\.0", not a version/),
  });
});
