import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { UserError } from "../lib/errors.ts";
import { transports } from "../transports.ts";
import type { Transport } from "./transport.ts";
import { loadTransport, optionsFor, withTlsSuffix, tlsTransports, transportLabel } from "./load-transport.ts";

describe('a name that ends in "+tls"', () => {
  it("is a variant of that transport over TLS, with its halves and options", async () => {
    const secured = await loadTransport("short-poll-500ms+tls");
    const plain = await loadTransport("short-poll-500ms");
    expect(secured).toEqual({
      ...plain,
      variantOf: "short-poll-500ms",
      title: "HTTP short polling, twice a second, over TLS 1.3",
      options: { pollIntervalMs: 500, tls: true },
    });
    expect(optionsFor(plain, {}).tls).toBeUndefined();
  });

  it("may be the path of a module, and its label keeps the suffix", async () => {
    const path = fileURLToPath(new URL("../testing/slowed.js", import.meta.url));
    expect((await loadTransport(`${path}+tls`)).options.tls).toBe(true);
    expect(transportLabel(`${path}+tls`)).toBe("slowed+tls");
    expect(transportLabel("ws+tls")).toBe("ws+tls");
  });

  it("is rejected with the reason if the transport cannot run over TLS, or already does", async () => {
    const sentences = {
      "udp+tls": "udp cannot run over TLS: TLS needs a byte stream, and UDP sends datagrams.",
      "webrtc+tls": "webrtc cannot run over TLS: its data channels are already encrypted with DTLS.",
      "python-lines+tls": "python-lines cannot run over TLS: its server is a Python program that does not support TLS.",
      "ws+tls+tls": 'ws+tls already runs over TLS. Remove "+tls".',
      "pigeon+tls": 'Unknown transport "pigeon".',
    };
    for (const [name, sentence] of Object.entries(sentences)) {
      const refused = loadTransport(name);
      await expect(refused).rejects.toThrow(UserError);
      await expect(refused).rejects.toThrow(sentence);
    }
  });

  it("keeps one suffix", () => {
    expect([withTlsSuffix("ws"), withTlsSuffix("ws+tls")]).toEqual(["ws+tls", "ws+tls"]);
  });

  it("exists for all but three transports on the list, and those with pages of a browser as clients", () => {
    const inPages = Object.values<Transport>(transports).filter(({ clientsPerPage }) => clientsPerPage !== undefined);
    expect(tlsTransports().length).toBe(Object.keys(transports).length - 3 - inPages.length);
  });
});
