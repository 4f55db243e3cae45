import { Option } from "commander";
import { expect, it } from "vitest";
import { UserError } from "../../scenarios/lib/errors.ts";
import { commaList, commandNamed, transportList, transportNamed } from "./cli.ts";

it.each([
  [[], "The bird is missing: npm run fly -- --help shows its place."],
  [["owl", "tit"], "Too many arguments, 2 instead of 1: npm run fly -- --help lists them."],
  [["owl", "--bogus"], "There is no option --bogus: npm run fly -- --help lists the options."],
  [["owl", "--hihg"], "There is no option --hihg. Did you mean --high? npm run fly -- --help lists the options."],
  [["owl", "--to"], "--to <place> needs a value: npm run fly -- --help shows which."],
  [["owl", "--high", "--low"], "--high cannot be given together with --low: leave one out."],
  [
    ["owl", "--as", "cat"],
    /^option '--as <kind>' argument 'cat' is invalid.*: npm run fly -- --help lists the options\.$/,
  ],
])("reports the mistake in %j with a remedy", (args, sentence) => {
  const command = commandNamed("fly", "Flies.")
    .argument("<bird>")
    .option("--to <place>")
    .option("--low")
    .addOption(new Option("--high").conflicts("low"))
    .addOption(new Option("--as <kind>").choices(["bird"]));
  const parse = () => command.parse(args, { from: "user" });
  expect(parse).toThrow(UserError);
  expect(parse).toThrow(sentence);
});

it("accepts the path of a module only if the file exists, and resolves the alias of a transport", () => {
  for (const none of ["./no.js", "./no.js+tls", "../", `./${"x".repeat(5_000)}`])
    expect(() => transportNamed(none)).toThrow(
      `There is no file ${none.replace("+tls", "")}: give the path of a module`,
    );
  expect(transportNamed("./package.json+tls")).toBe(`${process.cwd()}/package.json+tls`);
  expect([transportNamed("wss"), transportNamed("tcp")]).toEqual(["ws+tls", "tcp"]);
});

it("splits a list at its commas, drops the blanks around the items, and reads each transport of a list", () => {
  expect(commaList("a, b ,c d")).toEqual(["a", "b", "c d"]);
  expect(transportList("tcp, wss")).toEqual(["tcp", "ws+tls"]);
  expect(() => transportList("tcp, ./no.js")).toThrow("There is no file ./no.js: give the path of a module");
});
