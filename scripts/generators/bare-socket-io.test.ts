import { afterEach, expect, it } from "vitest";
import { Kit } from "../../scenarios/conformance/test-kit.ts";
import { transports } from "../../scenarios/transports.ts";
import bare from "./bare-socket-io.ts";
import { until } from "../../scenarios/lib/until.ts";

let kit: Kit;
afterEach(() => kit.tidy());

it.each(["socket.io", "socket.io-library"] as const)(
  "returns the messages of %s, and counts no other packet",
  async (name) => {
    kit = new Kit(name, { ...bare, client: transports[name].client });
    const host = await kit.echo();
    const client = await kit.connect(host.addresses[0]!);
    client.send(Buffer.from('déjà "vu"'), true);
    client.send(Buffer.from([0, 255]), false);
    await until(() => client.received.length === 2, "both messages have come back");
    expect(client.received.map(({ payload, text }) => [payload.toString("latin1"), text])).toEqual([
      [Buffer.from('déjà "vu"').toString("latin1"), true],
      ["\u0000\u00ff", false],
    ]);
    // A Buffer takes two packets: its announcement and its bytes.
    expect(host.traffic()).toMatchObject({ payloadsIn: 3, payloadsOut: 3 });
  },
);
