import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { transports } from "../../../scenarios/transports.ts";
import { optionsFor } from "../../../scenarios/transports/load-transport.ts";
import { undiciClient, undiciRequest } from "./undici.ts";

it.runIf(process.platform === "linux")("a client connects from its own address, counted or not", async () => {
  const server = createServer((request, response) => void response.end(request.socket.remoteAddress));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = { host: "127.0.0.1", port: (server.address() as AddressInfo).port, localAddress: "127.0.0.7" };
  try {
    for (const role of [undefined, "up"] as const) {
      const client = undiciClient(address, optionsFor(transports.sse, {}), role);
      const { body } = await undiciRequest(client, { method: "GET", path: "/" });
      await client.close();
      expect(body.toString()).toBe("127.0.0.7");
    }
  } finally {
    server.close();
  }
});
