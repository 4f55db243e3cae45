import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { transports } from "../../../scenarios/transports.ts";
import { openHttp2 } from "./http2-channel.ts";
import { optionsFor } from "../../../scenarios/transports/load-transport.ts";

it("rejects at once when the server closes the connection before its HTTP/2 settings", async () => {
  const server = createServer((socket) => socket.resume().once("data", () => socket.end())).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const opening = openHttp2({ host: "127.0.0.1", port }, optionsFor(transports["h2-sse"], { handshakeMs: 60_000 }));
  await expect(opening).rejects.toThrow("the server closed the connection before its HTTP/2 settings");
  server.close();
});
