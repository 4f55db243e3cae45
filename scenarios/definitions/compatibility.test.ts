import { expect, it } from "vitest";
import { assertSupports, assertTls } from "./compatibility.ts";
import { UserError } from "../lib/errors.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";
import { defaultOptions } from "../transports/load-transport.ts";

const small = { payloadBytes: 128, payloadKind: "text", app: "chat" } as const;

it.each<[string, Partial<Transport>, Parameters<typeof assertSupports>[2], string]>([
  [
    "whose package is not installed",
    { unavailable: () => Promise.resolve("install pigeons with npm install pigeons@1.0.0") },
    small,
    "mine is unavailable: install pigeons with npm install pigeons@1.0.0",
  ],
  [
    "that cannot carry a payload so large",
    { guarantees: { maxPayloadBytes: 1_000 } },
    { ...small, payloadBytes: 1_001 },
    "mine carries at most 1000 bytes in a message, not --payload-bytes 1001: make it smaller, or leave mine out.",
  ],
  [
    "that carries text only, binary",
    { guarantees: { binary: false } },
    { ...small, payloadKind: "binary" },
    "mine carries text only, and this scenario sends binary: leave mine out.",
  ],
  [
    "whose server hosts other applications",
    { guarantees: { apps: ["echo", "sink"] } },
    small,
    "The server of mine is another program, which hosts echo, sink, and this scenario needs chat: leave mine out.",
  ],
  [
    "whose server is another program, a hub that speaks",
    { guarantees: { apps: ["echo", "chat"] } },
    { ...small, senderSide: "server" },
    "The server of mine is another program, whose hub says nothing of itself, as this scenario needs: leave mine out.",
  ],
])("refuses a transport %s, as the user's mistake, and says what to do", async (_what, changes, settings, sentence) => {
  const refused = assertSupports("./path/to/mine.js", { ...transports.tcp, ...changes }, settings);
  await expect(refused).rejects.toThrow(UserError);
  await expect(refused).rejects.toThrow(sentence);
});

it("refuses a server half that was told to speak TLS and gives addresses without a certificate", () => {
  const server = {
    addresses: [{ host: "127.0.0.1", port: 1 }],
    traffic: () => undefined,
    close: () => Promise.resolve(),
  };
  assertTls("tcp", server, defaultOptions);
  expect(() => assertTls("./path/to/mine.js+tls", server, { ...defaultOptions, tls: true })).toThrow(
    /^mine\+tls is not spoken over TLS: its server half gives an address without a certificate\. Make its server with streamServer of .*"withoutTls", and why\.$/,
  );
});

it("takes what a transport can carry", async () => {
  await assertSupports("udp", transports.udp, { payloadBytes: 65_506, payloadKind: "binary", app: "chat" });
});
