import { describe, expect, it } from "vitest";
import { UserError } from "../lib/errors.ts";
import { withoutSecrets } from "../lib/secrets.ts";
import { parseTargetUrl } from "./target-url.ts";

const parse = (text: string) => parseTargetUrl("--target", text);

describe("a target's URL", () => {
  it.each([
    ["ws://chat.test/ws", "ws", false, { host: "chat.test", port: 80, authority: "chat.test", path: "/ws" }],
    ["wss://chat.test:8443", "ws", true, { host: "chat.test", port: 8443, authority: "chat.test:8443" }],
    ["https://[::1]/a/b", "http", true, { host: "::1", port: 443, authority: "[::1]", path: "/a/b" }],
    ["http://127.0.0.1:80/", "http", false, { host: "127.0.0.1", port: 80, authority: "127.0.0.1" }],
    ["tcp://127.0.0.1:8124", "tcp", false, { host: "127.0.0.1", port: 8124 }],
    ["tls://[fe80::1]:9", "tcp", true, { host: "fe80::1", port: 9 }],
    ["mqtt://broker", "mqtt", false, { host: "broker", port: 1883 }],
    [
      "mqtts://ann:pass%20word@broker",
      "mqtt",
      true,
      { host: "broker", port: 8883, user: "ann", password: "pass word" },
    ],
    ["grpcs://h:1", "grpc", true, { host: "h", port: 1 }],
    ["udp://h:65535", "udp", false, { host: "h", port: 65_535 }],
  ])("%s names protocol, TLS and address", (text, protocol, tls, address) => {
    expect(parse(text)).toMatchObject({ protocol, tls, address });
    expect(Object.keys(parse(text).address).toSorted()).toEqual(Object.keys(address).toSorted());
  });

  it("may be HOST:PORT, also of IPv6 in brackets, which names no protocol", () => {
    expect(parse("localhost:8181")).toMatchObject({ protocol: undefined, address: { host: "localhost", port: 8181 } });
    expect(parse("[::1]:8181")).toMatchObject({ protocol: undefined, address: { host: "::1", port: 8181 } });
  });

  it("may be the path of a Unix socket, with an HTTP path after a colon", () => {
    const socketPath = "/run/chat.sock";
    expect(parse("unix:/run/chat.sock")).toMatchObject({ protocol: undefined, address: { socketPath } });
    expect(parse("unix:///run/chat.sock")).toMatchObject({ address: { socketPath } });
    expect(parse("ws+unix:/run/chat.sock:/ws?room=1")).toMatchObject({
      protocol: "ws",
      address: { socketPath, path: "/ws?room=1" },
      title: "ws+unix:/run/chat.sock:/ws?room=***",
    });
  });

  it("is shown without user, password and the values of the query, which are secrets", () => {
    const { title, address } = parse("wss://ann:s3cret@chat.test/ws?token=abcdef&room=lobby");
    expect(title).toBe("wss://chat.test/ws?token=***&room=***");
    expect(address.headers).toEqual({ authorization: `Basic ${Buffer.from("ann:s3cret").toString("base64")}` });
    expect(withoutSecrets("s3cret abcdef lobby ann")).toBe("*** *** *** ann");
    parse("wss://chat.test/ws?key=gr%C3%BC%C3%9Fe&note=two+words");
    expect(withoutSecrets("gr%C3%BC%C3%9Fe grüße two+words, two words")).toBe("*** *** ***, ***");
  });

  it.each([
    ["ftp://h:1", /scheme "ftp:", which is unknown: use ws, wss, .*HOST:PORT/],
    ["tcp://h", /has no port: write tcp:\/\/h:PORT/],
    ["ws://", /is not a URL/],
    ["ws://h:99999", /is not a URL/],
    ["tcp://h:1/path", /has a path \(\/path\), and tcp has none/],
    ["ws://h:1/#a", /has a fragment \(#a\)/],
    ["unix:run/chat.sock", /is not the path of a Unix socket/],
    ["unix:/run/a.sock:/ws", /is not the path of a Unix socket/],
    ["h", /is not HOST:PORT/],
    ["[::1::2]:5", /is not \[IPv6\]:PORT/],
    ["", /is not HOST:PORT/],
  ])("%s is refused in one sentence", (text, message) => {
    expect(() => parse(text)).toThrow(UserError);
    expect(() => parse(text)).toThrow(message);
  });
});
