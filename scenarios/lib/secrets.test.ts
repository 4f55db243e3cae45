import { expect, it } from "vitest";
import { UserError } from "./errors.ts";
import { expandVariables, keepSecret, withoutSecrets } from "./secrets.ts";

it("a secret is hidden in a text, also encoded for a URL, in base64 or in JSON", () => {
  keepSecret('top "secret" word');
  for (const form of [
    'top "secret" word',
    "top%20%22secret%22%20word",
    Buffer.from('top "secret" word').toString("base64"),
    String.raw`top \"secret\" word`,
  ])
    expect(withoutSecrets(`a ${form} b`)).toBe("a *** b");
});

it("a secret that is part of another hides the whole of it, and one of three characters stays", () => {
  keepSecret("abcdef");
  keepSecret("abcdefghi");
  keepSecret("xyz");
  expect(withoutSecrets("abcdefghi abcdef xyz")).toBe("*** *** xyz");
});

it("environment variables are filled in and become secrets; $$ is a dollar sign", () => {
  const environment = { TOKEN: "tok-12345", ROOM: "lobby-7" };
  expect(expandVariables("--header", "Bearer $TOKEN in ${ROOM}, 5 $$", environment)).toBe(
    "Bearer tok-12345 in lobby-7, 5 $",
  );
  expect(withoutSecrets("tok-12345 lobby-7")).toBe("*** ***");
});

it("a variable that is not set, or empty, is the user's mistake", () => {
  for (const environment of [{}, { TOKEN: "" }]) {
    expect(() => expandVariables("--header", "$TOKEN", environment)).toThrow(UserError);
    expect(() => expandVariables("--header", "$TOKEN", environment)).toThrow(
      /^--header names the environment variable TOKEN, which is not set: export TOKEN=\.\.\. first\.$/,
    );
  }
});
