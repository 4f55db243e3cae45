import { expect, it } from "vitest";
import { fillTemplate, isJsonTemplate, placeholdersIn, splitAt } from "./template.ts";

it("placeholders are filled, in JSON as the inside of a string", () => {
  const values = { room: 'a"b', "data.token": "t" };
  expect(fillTemplate("join {{room}} {{ data.token }}", values)).toBe('join a"b t');
  expect(fillTemplate('{"room":"{{room}}","n":1}', values)).toBe(String.raw`{"room":"a\"b","n":1}`);
});

it("a placeholder without a value is an error that names those that have one", () => {
  expect(() => fillTemplate("{{name}}", { room: "1", client: "2" })).toThrow(
    "{{name}} has no value: there are {{room}}, {{client}}",
  );
});

it("a template is JSON where it is, whatever its values", () => {
  for (const json of ['{"a":"{{text}}"}', '["{{text}}",{{seq}}]', '"{{text}}"', ' {"a":1}'])
    expect(isJsonTemplate(json)).toBe(true);
  for (const other of ["{{text}}", "hello {{text}}", '{"a":{{text}', "12", '{"a":"{{text}}"} and more'])
    expect(isJsonTemplate(other)).toBe(false);
});

it("a template is cut at a placeholder that occurs once", () => {
  expect(placeholdersIn("a {{text}} b {{data.x}}")).toEqual(["text", "data.x"]);
  expect(splitAt("a {{text}} b", "text")).toEqual(["a ", " b"]);
  expect(splitAt("a {{text}} {{ text }}", "text")).toBeUndefined();
  expect(splitAt("a {{room}}", "text")).toBeUndefined();
});
