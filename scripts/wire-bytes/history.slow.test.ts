import { expect, it } from "vitest";
import type { App, Connect, Serve, Traffic } from "../../scenarios/contract.ts";
import { apps, chatWithHistory } from "../../scenarios/definitions/apps.ts";
import { subtractTraffic } from "../../scenarios/lib/traffic-counters.ts";
import { until } from "../../scenarios/lib/until.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import { casePayload, waitUntilUnchanged } from "./send-one.ts";

const sizes = [0, 1, 92, 125, 126, 65_535];

/** Traffic of messages that a client in a room says and hears itself, from idle to idle. */
async function chatTraffic(name: string, app: App): Promise<Traffic> {
  const transport = await loadTransport(name);
  const [{ default: serve }, { default: connect }]: [{ default: Serve }, { default: Connect }] = await Promise.all([
    transport.server(),
    transport.client(),
  ]);
  const options = optionsFor(transport, { heartbeatMs: 600_000 });
  const server = await serve(app, options);
  let heard = 0;
  const handler = { receive: () => void heard++, closed: () => undefined };
  const client = await connect(server.addresses[0]!, handler, options);
  const idle = (): Promise<Traffic> => waitUntilUnchanged(() => server.traffic()!);
  client.send(Buffer.from("room 7"), true);
  await until(() => heard === 1, `${name} lets the client in`);
  const before = await idle();
  for (const [i, payloadBytes] of sizes.entries()) {
    client.send(casePayload({ direction: "send", kind: "text", payloadBytes }), true);
    await until(() => heard === i + 2, `${name} brings ${payloadBytes} bytes`);
  }
  const traffic = subtractTraffic(await idle(), before);
  client.close();
  await server.close();
  return traffic;
}

it.each(["ws", "tcp", "tcp-lines", "sse", "http-stream", "socket.io", "grpc"])(
  "while nothing is wrong, the history of the application costs %s not one byte",
  async (name) => {
    const [plain, withHistory] = [await chatTraffic(name, apps.chat), await chatTraffic(name, chatWithHistory(500))];
    expect(plain.payloadsOut).toBe(sizes.length);
    expect(withHistory).toEqual(plain);
  },
);
