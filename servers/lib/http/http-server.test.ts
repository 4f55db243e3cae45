import { expect, it } from "vitest";
import { defaultOptions } from "../../../scenarios/transports/load-transport.ts";
import { httpServer } from "./http-server.ts";

it.each([
  ["HTTP", {}],
  ["HTTPS", { tls: true }],
])("a request over %s has handshakeMs for its head and for the whole, an idle connection its own time", (_, tls) => {
  const server = httpServer({ ...defaultOptions, ...tls, handshakeMs: 3_000 }, 7_000, () => undefined);
  expect(server).toMatchObject({ headersTimeout: 3_000, requestTimeout: 3_000, keepAliveTimeout: 7_000 });
});
