import { describe, expect, it } from "vitest";
import { UserError } from "../../scenarios/lib/errors.ts";
import { assertFreeName, filesFor } from "./new-transport.ts";

describe("refuses a name that", () => {
  it.each([
    ["has a space", "my transport", /"my transport" cannot be the name .* Did you mean "my-transport"\?$/],
    ["has capitals", "MyTransport", /Did you mean "mytransport"\?$/],
    ["begins with a digit", "2fast", /Did you mean "fast"\?$/],
    ["has a dot, as the file of a test", "mine.test", /Did you mean "mine-test"\?$/],
    ["has a plus, as variants over TLS", "mine+tls", /Did you mean "mine-tls"\?$/],
    ["begins with a hyphen", "-x", /Did you mean "x"\?$/],
    ["ends with a hyphen", "mine-", /Did you mean "mine"\?$/],
    ["is empty", "", /"" cannot be the name of a transport\. .* hyphens\.$/],
    ["has no letter", "--", /hyphens\.$/],
    ["is a path", "../mine", /"\.\.\/mine" is a path\. Give a name/],
    ["is a path on Windows", "C:\\mine", /is a path\. Give a name/],
    ["is too long for a table", "a".repeat(25), /has 25 characters, and the tables have room for 24/],
    ["is on the list", "tcp", /"tcp" is on the list already\. Take another name\.$/],
    ["is a folder of the halves", "lib", /"lib" is reserved/],
    ["is a property of every object", "constructor", /"constructor" is reserved/],
  ])("%s", (_title, name, sentence) => {
    expect(() => assertFreeName(name, ["tcp", "ws"])).toThrow(UserError);
    expect(() => assertFreeName(name, ["tcp", "ws"])).toThrow(sentence);
  });
});

it("accepts every other name", () => {
  for (const name of ["x", "my-transport", "h3", "quic-2-way"])
    expect(() => assertFreeName(name, ["tcp"])).not.toThrow();
});

const template = {
  server:
    'import { a } from "../../../scenarios/contract.ts";\nimport { b } from "../../../servers/lib/hosting/host.ts";\n',
  client:
    'import { c } from "../../../clients/lib/net/dial.ts";\nimport { d } from "../../../servers/protocols/lines.ts";\n',
  transport:
    '// ...\nexport default {\n  server: () => import("./server.ts"),\n  client: () => import("./client.ts"),\n} satisfies Transport;\n',
};
const listOf = (...names: string[]): string =>
  `const transports = {\n${names.map((name) => `  ${name},\n`).join("")}} satisfies Record<string, Transport>;\n\n// more\n`;

it("adapts the imports of the halves, and adds an entry that imports them at the end of the list", () => {
  const { halves, list } = filesFor("my-transport", template, listOf("tcp"));
  expect(halves).toEqual({
    "servers/my-transport.ts":
      'import { a } from "../scenarios/contract.ts";\nimport { b } from "./lib/hosting/host.ts";\n',
    "clients/my-transport.ts":
      'import { c } from "./lib/net/dial.ts";\nimport { d } from "../servers/protocols/lines.ts";\n',
  });
  expect(list).toBe(`const transports = {
  tcp,
  "my-transport": {
    server: () => import("../servers/my-transport.ts"),
    client: () => import("../clients/my-transport.ts"),
  },
} satisfies Record<string, Transport>;

// more
`);
  expect(filesFor("pigeon", template, listOf("tcp")).list).toContain("\n  pigeon: {\n");
});

it("refuses a list or a template of another form", () => {
  expect(() => filesFor("x", template, "export const transports = {};\n")).toThrow(/does not have the form/);
  expect(() => filesFor("x", template, listOf() + listOf())).toThrow(/does not have the form/);
  expect(() => filesFor("x", { ...template, transport: "export default {};" }, listOf())).toThrow(
    /does not have the form/,
  );
});
