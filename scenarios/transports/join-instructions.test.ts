import { expect, it } from "vitest";
import { joinInstructions } from "./join-instructions.ts";
import { transports } from "../transports.ts";
import type { Transport } from "./transport.ts";
import { loadTransport } from "./load-transport.ts";

const all = Object.entries<Transport>(transports);
const at = { host: "192.0.2.7", port: 18001 };

it.each(all)("%s: every line has the address in it, and a bench can be started as it says", (name, transport) => {
  const said = joinInstructions(name, transport, at, "chat-100");
  expect(said).not.toMatch(/\{(host|port|authority)\}/);
  expect(said).toContain(`npm run bench -- --target 192.0.2.7:18001 --transports ${name} --scenario chat-100\n`);
});

it("says so where no common tool speaks a transport, and that is so of two", () => {
  const none = all.filter(([name, transport]) =>
    joinInstructions(name, transport, at, "echo").startsWith("No common tool"),
  );
  expect(none.map(([name]) => name)).toEqual(["udp", "webrtc"]);
});

it("gives the lines as they are typed", () => {
  expect(joinInstructions("tcp-lines", transports["tcp-lines"], at, "echo")).toBe(
    [
      "Join from this folder, then type:",
      "  nc 192.0.2.7 18001",
      "  telnet 192.0.2.7 18001",
      "",
      "Drive it:",
      "  npm run bench -- --target 192.0.2.7:18001 --transports tcp-lines --scenario echo",
      "",
    ].join("\n"),
  );
});

it("leaves out over TLS what would need the certificate, and says all else as it has to be there", async () => {
  const over = async (name: string): Promise<string> =>
    joinInstructions(`${name}+tls`, await loadTransport(`${name}+tls`), at, "echo");
  expect(await over("tcp-lines")).toMatch(/^Join .*\n {2}openssl s_client -quiet -connect 192\.0\.2\.7:18001\n\n/);
  expect(await over("h2-sse")).toContain("  curl -sk --http2 -N https://192.0.2.7:18001/events/$id &\n");
  expect(await over("ws")).toMatch(/ {2}NODE_TLS_REJECT_UNAUTHORIZED=0 node -e .*"wss:\/\/192\.0\.2\.7:18001"/);
  for (const name of ["mqtt", "grpc", "tcp"]) expect(await over(name)).toMatch(/^No common tool speaks /);
});
