import { expect, it } from "vitest";
import { byHand, heard } from "./lib/by-hand.ts";

it("answers every ask, with 204 where there is nothing, and holds none", async () => {
  const session = await byHand("short-poll", { holdMs: 60_000 });
  expect(heard(await session.ask(0))).toEqual([204]);
  expect(heard(await session.ask(0))).toEqual([204]);
  expect(session.host.traffic()).toMatchObject({ exchanges: 2, payloadsOut: 0 });
  await session.tidy();
});
