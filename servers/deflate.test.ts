import { expect, it } from "vitest";
import { Kit } from "../scenarios/conformance/test-kit.ts";
import { sendOne, waitForIdleWire } from "../scripts/wire-bytes/send-one.ts";
import { subtractTraffic } from "../scenarios/lib/traffic-counters.ts";
import { transports } from "../scenarios/transports.ts";

it("ws-deflate compresses messages with the context of earlier ones and counts payloads uncompressed", async () => {
  const kit = new Kit("ws-deflate", transports["ws-deflate"]);
  const host = await kit.serve();
  const client = await kit.connect(host.addresses[0]!);
  const cost = async (direction: "send" | "delivery") => {
    const before = await waitForIdleWire(host);
    await sendOne({ direction, kind: "text", payloadBytes: 92 }, host, client);
    const { wire, payloadBytesIn, payloadBytesOut } = subtractTraffic(await waitForIdleWire(host), before);
    const bytes = direction === "send" ? wire.duplex.in : wire.duplex.out;
    return { bytes, payloadBytes: payloadBytesIn + payloadBytesOut };
  };
  for (const direction of ["send", "delivery"] as const) {
    const [first, again] = [await cost(direction), await cost(direction)];
    expect([first.payloadBytes, again.payloadBytes]).toEqual([92, 92]);
    expect(first.bytes).toBeLessThan(92);
    expect(again.bytes).toBeLessThan(first.bytes);
  }
  await kit.tidy();
});
