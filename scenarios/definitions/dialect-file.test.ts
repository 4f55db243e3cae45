import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { UserError } from "../lib/errors.ts";
import { readDialectFile } from "./dialect-file.ts";

const examples = fileURLToPath(new URL("../../../scenarios/dialects/", import.meta.url));
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "dialect-"))));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function read(text: string) {
  const file = join(folder, "chat.yaml");
  writeFileSync(file, text);
  return readDialectFile(file);
}

it.each(readdirSync(examples).filter((name) => name.endsWith(".yaml")))(
  "the example %s is a dialect with a server",
  (name) => {
    for (const variable of ["TEAM_TOKEN", "MQTT_USER", "MQTT_PASSWORD"]) vi.stubEnv(variable, "some-value");
    const { dialect, transport, url } = readDialectFile(join(examples, name));
    expect(dialect.name).toBe(name.replace(".yaml", ""));
    expect([transport, url]).not.toContain(undefined);
  },
);

it("an empty file says and hears texts as they are", () => {
  expect(read("transport: ws\n")).toEqual({
    transport: "ws",
    dialect: {
      name: "chat",
      file: "chat.yaml",
      enter: [],
      hear: "whole",
      ignore: [],
      answer: {},
      match: "text",
      speakerExcluded: false,
      greeting: false,
    },
  });
});

it("templates may be mappings, conditions texts, and environment variables are filled in", () => {
  vi.stubEnv("CHAT_TOKEN", "tok-9876");
  const { dialect } = read(`
enter:
  - send: { type: hello, token: $CHAT_TOKEN }
    until: welcome
    refused: { path: error }
say: { text: "{{text}}" }
ignore: { path: type, is: ack }
answer: { ping: pong }
speaker: excluded
`);
  expect(dialect).toMatchObject({
    enter: [
      { send: '{"type":"hello","token":"tok-9876"}', until: { contains: "welcome" }, refused: { path: "error" } },
    ],
    say: '{"text":"{{text}}"}',
    ignore: [{ path: "type", is: ["ack"] }],
    answer: { ping: "pong" },
    speakerExcluded: true,
  });
});

it.each([
  ["herar: whole\n", /chat\.yaml, line 1: unknown field "herar"\. Did you mean "hear"\?/],
  ["transport: ws\nhear: { pth: a }\n", /chat\.yaml, line 2: hear is not valid: write \{ path: data\.text \}/],
  ["match: some\n", /line 1: match is not valid/],
  ["frame: { bytes: 0 }\n", /line 1: frame/],
  ["say: [\n", /this is not YAML/],
  ["say: hello\n", /has \{\{text\}\} 0 times, and must have it once: hello/],
  ['say: "{{text}} {{text}}"\n', /has \{\{text\}\} 2 times/],
  ["enter: [{ send: $NO_SUCH_VARIABLE }]\n", /names the environment variable NO_SUCH_VARIABLE, which is not set/],
])("%j is refused in one sentence that names the place", (text, message) => {
  expect(() => read(text)).toThrow(UserError);
  expect(() => read(text)).toThrow(message);
});
