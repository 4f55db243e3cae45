import { describe, expect, it } from "vitest";
import { UserError } from "../../scenarios/lib/errors.ts";
import { assertFreeName, filesFor } from "./new-transport.ts";

describe("takes no name that", () => {
  it.each([
    ["has a space", "my transport", /"my transport" is no name .* Did you mean "my-transport"\?$/],
    ["has capitals", "MyTransport", /Did you mean "mytransport"\?$/],
    ["begins with a digit", "2fast", /Did you mean "fast"\?$/],
    ["has a dot, as a test's file has", "mine.test", /Did you mean "mine-test"\?$/],
    ["has a plus, as variants with TLS have", "mine+tls", /Did you mean "mine-tls"\?$/],
    ["begins like an option", "-x", /Did you mean "x"\?$/],
    ["ends with a hyphen", "mine-", /Did you mean "mine"\?$/],
    ["has nothing in it", "", /"" is no name for a transport: .* lower case\.$/],
    ["has no letter", "--", /lower case\.$/],
    ["is a path", "../mine", /"\.\.\/mine" is a path: give a name/],
    ["is a path elsewhere", "C:\\mine", /is a path: give a name/],
    ["is too long for a table", "a".repeat(25), /has 25 characters, and tables hold 24/],
    ["is on the list", "tcp", /"tcp" is on the list already: take another name\.$/],
    ["means a folder here", "lib", /"lib" means something else here/],
    ["every object has", "constructor", /"constructor" means something else here/],
  ])("%s", (_what, name, sentence) => {
    expect(() => assertFreeName(name, ["tcp", "ws"])).toThrow(UserError);
    expect(() => assertFreeName(name, ["tcp", "ws"])).toThrow(sentence);
  });
});

it("takes any other", () => {
  for (const name of ["x", "my-transport", "h3", "quic-2-way"]) assertFreeName(name, ["tcp"]);
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

it("has the halves import from where they are, and the list import the halves, at its end", () => {
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

it("refuses a list, or a template, of another shape", () => {
  expect(() => filesFor("x", template, "export const transports = {};\n")).toThrow(/another shape/);
  expect(() => filesFor("x", template, listOf() + listOf())).toThrow(/another shape/);
  expect(() => filesFor("x", { ...template, transport: "export default {};" }, listOf())).toThrow(/another shape/);
});
