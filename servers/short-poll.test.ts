import { expect, it } from "vitest";
import { openTestSession, statusAndTexts, shortPolls } from "./lib/testing/polling-session.ts";

it.each(shortPolls)("%s responds to every poll at once, with 204 where there is no message", async (name) => {
  const session = await openTestSession(name, { holdMs: 60_000 });
  expect(statusAndTexts(await session.poll(0))).toEqual([204]);
  expect(statusAndTexts(await session.poll(0))).toEqual([204]);
  expect(session.host.traffic()).toMatchObject({ pollsAnswered: 2, payloadsOut: 0 });
  await session.close();
});
