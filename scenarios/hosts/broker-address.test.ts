import { expect, it } from "vitest";
import { UserError } from "../lib/errors.ts";
import { withoutSecrets } from "../lib/secrets.ts";
import { brokerName, brokerSentence, brokerVariable, findBroker, parseBroker } from "./broker-address.ts";

it("a URL gives host, port, user, password and database", () => {
  expect(parseBroker("redis://tb:s%40cret@10.0.0.1:6380/2")).toEqual({
    host: "10.0.0.1",
    port: 6380,
    db: 2,
    username: "tb",
    password: "s@cret",
  });
  expect(parseBroker("redis://broker")).toEqual({ host: "broker", port: 6379, db: 0 });
  expect(parseBroker("rediss://[::1]")).toMatchObject({ host: "::1", tls: { servername: "::1" } });
});

it.each(["http://10.0.0.1", "10.0.0.1:6379", "redis://", "rubbish"])("%s is refused with the form of a URL", (text) => {
  expect(() => parseBroker(text)).toThrow(/is not redis:\/\/HOST:PORT/);
});

it("neither the URL nor its password is ever printed", () => {
  const url = "redis://user:verysecretword@10.0.0.1:6379";
  parseBroker(url);
  expect(withoutSecrets(`cannot use ${url}, verysecretword`)).not.toContain("verysecretword");
});

it("the variable leaves the environment, so that no child process has it", () => {
  const environment = { [brokerVariable]: "redis://10.0.0.1" };
  expect(findBroker(undefined, environment)).toMatchObject({ host: "10.0.0.1" });
  expect(environment).toEqual({});
  expect(() => findBroker(undefined, environment)).toThrow(UserError);
});

it("a file that is not there is one sentence", () => {
  expect(() => findBroker("/no/such/file", {})).toThrow(/^Cannot read --broker-file \/no\/such\/file: /);
});

it.each([
  ["WRONGPASS invalid username-password pair or user is disabled.", /refuses the user or the password/],
  ["NOAUTH Authentication required.", /refuses the user or the password/],
  ["NOPERM User tb has no permissions to run the 'eval' command", /does not permit what agents need/],
  ["OOM command not allowed when used memory > 'maxmemory'.", /is full \(maxmemory\)/],
  ["connect ECONNREFUSED 10.0.0.1:6379", /^No broker answers at broker:1: start a redis-server/],
  ["ERR something else\nstack", /^The broker at broker:1 answers: ERR something else$/],
])("%s has a sentence that says what to do", (words, sentence) => {
  expect(brokerSentence("broker:1", new Error(words))).toMatch(sentence);
});

it("an IPv6 address is named in brackets", () => {
  expect(brokerName({ host: "::1", port: 6379 })).toBe("[::1]:6379");
});
