import { expect, it } from "vitest";
import { transports } from "../transports.ts";
import { joinInstructions } from "./join-instructions.ts";
import { loadTransport } from "./load-transport.ts";
import type { Transport } from "./transport.ts";

const all = Object.entries<Transport>(transports);
const address = { host: "192.0.2.7", port: 18001 };

it.each(all)("%s: every placeholder is filled, and the bench command names the address", (name, transport) => {
  const text = joinInstructions(name, transport, address, "chat-100");
  expect(text).not.toMatch(/\{(host|port|authority)\}/);
  expect(text).toContain(`npm run bench -- --target 192.0.2.7:18001 --transports ${name} --scenario chat-100\n`);
});

it("says that no common tool can join udp and webrtc, and that of no other transport", () => {
  const none = all.filter(([name, transport]) =>
    joinInstructions(name, transport, address, "echo").startsWith(`No common tool can join ${name}.`),
  );
  expect(none.map(([name]) => name)).toEqual(["udp", "webrtc"]);
});

it("prints the lines to type under a heading", () => {
  expect(joinInstructions("tcp-lines", transports["tcp-lines"], address, "echo")).toBe(
    [
      "Join from this folder, then type:",
      "  nc 192.0.2.7 18001",
      "  telnet 192.0.2.7 18001",
      "",
      "Measure it:",
      "  npm run bench -- --target 192.0.2.7:18001 --transports tcp-lines --scenario echo",
      "",
    ].join("\n"),
  );
});

it("prints over TLS the tools that need not check the certificate", async () => {
  const overTls = async (name: string): Promise<string> =>
    joinInstructions(`${name}+tls`, await loadTransport(`${name}+tls`), address, "echo");
  expect(await overTls("tcp-lines")).toMatch(/^Join .*\n {2}openssl s_client -quiet -connect 192\.0\.2\.7:18001\n\n/);
  expect(await overTls("h2-sse")).toContain("  curl -sk --http2 -N https://192.0.2.7:18001/events/$id &\n");
  expect(await overTls("ws")).toMatch(/ {2}NODE_TLS_REJECT_UNAUTHORIZED=0 node -e .*"wss:\/\/192\.0\.2\.7:18001"/);
  expect(await overTls("socket.io")).toContain(
    'io("https://192.0.2.7:18001", { rejectUnauthorized: false, transports: ["websocket"] })',
  );
  for (const name of ["mqtt", "grpc", "tcp"]) expect(await overTls(name)).toMatch(/^No common tool can join /);
});
