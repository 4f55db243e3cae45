import { expect, it } from "vitest";
import { byHand, heard, shortPolls } from "./lib/testing/polling-session.ts";

it.each(shortPolls)("%s answers every ask, with 204 where there is nothing, and holds none", async (name) => {
  const session = await byHand(name, { holdMs: 60_000 });
  expect(heard(await session.ask(0))).toEqual([204]);
  expect(heard(await session.ask(0))).toEqual([204]);
  expect(session.host.traffic()).toMatchObject({ exchanges: 2, payloadsOut: 0 });
  await session.tidy();
});
