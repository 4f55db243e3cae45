import { describe, expect, it } from "vitest";
import { UserError } from "./lib/errors.ts";
import { transports } from "./transports.ts";
import {
  loadTransport,
  optionsFor,
  withTlsSuffix,
  tlsTransports,
  transportLabel,
} from "./transports/load-transport.ts";

describe('"+tls" behind a name', () => {
  it("is a variant of that transport, with its halves and options, over TLS", async () => {
    const secured = await loadTransport("short-poll-500ms+tls");
    const plain = await loadTransport("short-poll-500ms");
    expect(secured).toEqual({
      ...plain,
      variantOf: "short-poll-500ms",
      title: "the same, twice a second; over TLS 1.3",
      options: { pollIntervalMs: 500, tls: true },
    });
    expect(optionsFor(plain, {}).tls).toBeUndefined();
  });

  it("may follow the path of a module, too, and stays in what it is called", async () => {
    const path = new URL("testing/slowed.js", import.meta.url).pathname;
    expect((await loadTransport(`${path}+tls`)).options.tls).toBe(true);
    expect(transportLabel(`${path}+tls`)).toBe("slowed+tls");
    expect(transportLabel("ws+tls")).toBe("ws+tls");
  });

  it("is refused where there is no stream to encrypt, or TLS twice, in a sentence that says why", async () => {
    const sentences = {
      "udp+tls": "udp cannot be had over TLS: TLS needs a stream of bytes, which datagrams are not.",
      "webrtc+tls": "webrtc cannot be had over TLS: its data channels are encrypted already, by DTLS.",
      "python-lines+tls": "python-lines cannot be had over TLS: its server, a program of its own, does not speak it.",
      "ws+tls+tls": 'ws+tls is spoken over TLS as it is: leave out "+tls".',
      "pigeon+tls": 'Unknown transport "pigeon".',
    };
    for (const [name, sentence] of Object.entries(sentences)) {
      const refused = loadTransport(name);
      await expect(refused).rejects.toThrow(UserError);
      await expect(refused).rejects.toThrow(sentence);
    }
  });

  it("is not doubled", () => {
    expect([withTlsSuffix("ws"), withTlsSuffix("ws+tls")]).toEqual(["ws+tls", "ws+tls"]);
  });

  it("can be had of all others on the list", () => {
    expect(tlsTransports().length).toBe(Object.keys(transports).length - 3);
  });
});
