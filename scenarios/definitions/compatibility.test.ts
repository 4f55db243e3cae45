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
    "that cannot carry so large a payload",
    { guarantees: { maxPayloadBytes: 1_000 } },
    { ...small, payloadBytes: 1_001 },
    "mine carries at most 1000 bytes in a message, and --payload-bytes is 1001. Make it smaller, or leave mine out.",
  ],
  [
    "that carries text only, for a binary payload",
    { guarantees: { binary: false } },
    { ...small, payloadKind: "binary" },
    "mine carries text only, and this scenario sends binary. Leave mine out.",
  ],
  [
    "whose clients read in another program, where some clients are to stop reading",
    { guarantees: { stopsReading: false } },
    { ...small, pausedClients: 2 },
    "mine has clients that read on while their process is stopped, and this scenario needs clients that do not read. Leave mine out.",
  ],
  [
    "whose external server hosts other applications",
    { guarantees: { apps: ["echo", "sink"] } },
    small,
    "mine runs an external server that hosts echo, sink, and this scenario needs chat. Leave mine out.",
  ],
  [
    "whose external server cannot send on its own",
    { guarantees: { apps: ["echo", "chat"] } },
    { ...small, senderSide: "server" },
    "mine runs an external server that cannot send on its own, which this scenario needs. Leave mine out.",
  ],
])("assertSupports rejects a transport %s, with a remedy", async (_what, changes, settings, sentence) => {
  const result = assertSupports("./path/to/mine.js", { ...transports.tcp, ...changes }, settings);
  await expect(result).rejects.toThrow(UserError);
  await expect(result).rejects.toThrow(sentence);
});

it("assertTls rejects a server half that returns addresses without a certificate under the option tls", () => {
  const server = {
    addresses: [{ host: "127.0.0.1", port: 1 }],
    traffic: () => undefined,
    close: () => Promise.resolve(),
  };
  expect(() => assertTls("tcp", server, defaultOptions)).not.toThrow();
  expect(() => assertTls("./path/to/mine.js+tls", server, { ...defaultOptions, tls: true })).toThrow(
    /^mine\+tls does not run over TLS: its server half returned an address without a certificate\. Make its server with streamServer of .* noTlsReason\.$/,
  );
});

it("assertSupports accepts the largest payload that a transport can carry", async () => {
  const largest = assertSupports("udp", transports.udp, { payloadBytes: 65_506, payloadKind: "binary", app: "chat" });
  await expect(largest).resolves.toBeUndefined();
});
