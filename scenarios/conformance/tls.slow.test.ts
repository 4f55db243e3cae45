import { defineConformanceTests } from "./vitest-suite.ts";
import { loadTransport, tlsTransports } from "../transports/load-transport.ts";

// Each pair of halves once: variants of the same halves have the same TLS.
const pairs = new Map<string, string>();
for (const name of tlsTransports().toReversed()) {
  const { server, client } = await loadTransport(name);
  pairs.set(`${server.toString()} ${client.toString()}`, name);
}
await defineConformanceTests([...pairs.values()].toReversed());
