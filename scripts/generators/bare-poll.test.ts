import { afterEach, expect, it } from "vitest";
import { Kit } from "../../scenarios/conformance/test-kit.ts";
import { transports } from "../../scenarios/transports.ts";
import longPoll from "./bare-long-poll.ts";
import shortPoll from "./bare-poll.ts";
import { until } from "../../scenarios/lib/until.ts";

let kit: Kit;
afterEach(() => kit.tidy());

it.each([
  ["short-poll", shortPoll],
  ["short-poll-library", shortPoll],
  ["long-poll", longPoll],
  ["long-poll-library", longPoll],
] as const)("returns the messages of %s in order, and counts them", async (name, bare) => {
  kit = new Kit(name, { ...bare, client: transports[name].client });
  const host = await kit.echo();
  const client = await kit.connect(host.addresses[0]!);
  const texts = ['déjà "vu"', "", "x".repeat(70_000), "last"];
  for (const text of texts) client.send(Buffer.from(text), true);
  await until(() => client.received.length === texts.length, "all messages have come back");
  expect(client.received.map(({ payload }) => payload.toString())).toEqual(texts);
  expect(host.traffic()).toMatchObject({ payloadsIn: 4, payloadsOut: 4 });
});
