import { expect, it } from "vitest";
import { AnswerError } from "../lib/answer-error.ts";
import type { GoneClient } from "../workload/gone-client.ts";
import { GoneClients } from "./gone-clients.ts";

const never = () => [];

function open() {
  const told: GoneClient[] = [];
  return { told, gone: new GoneClients((each) => told.push(each)) };
}

it("a refused client is noted with what was answered, and a dropped one with the reason of the end", () => {
  const { gone, told } = open();
  gone.refuse(0, 7, new Error("connect ECONNREFUSED"));
  gone.drop(1, 5, new Error("read ECONNRESET"));
  gone.drop(2, 6);
  expect(gone.list((ended) => ended.map(({ endUs }) => endUs))).toMatchObject([
    { client: 7, how: "refused", reason: "connect ECONNREFUSED", silentUs: undefined },
    { client: 5, how: "dropped", reason: "read ECONNRESET", silentUs: 0 },
    { client: 6, how: "dropped", reason: "the server closed the connection", silentUs: 0 },
  ]);
  expect(told.map(({ client }) => client)).toEqual([7, 5, 6]);
  expect([gone.count, gone.has(0), gone.has(3)]).toEqual([3, true, false]);
});

it("the silence of a dropped client is the time since its last message", () => {
  const { gone } = open();
  gone.refuse(0, 7, new Error("503"));
  gone.drop(4, 5);
  const [, dropped] = gone.list((ended) => {
    expect(ended).toMatchObject([{ slot: 4, client: 5 }]);
    return ended.map(({ endUs }) => endUs - 5_000_000);
  });
  expect(dropped!.silentUs).toBeCloseTo(5_000_000, 0);
});

it.each([
  ["at the first request", new AnswerError(404, "404"), false],
  ["at a later request of connecting", new AnswerError(404, "404", true), true],
  ["with a status that says something else", new AnswerError(503, "503", true), false],
])("a refusal %s tells whether the session was known before", (_, error, unknown) => {
  const { gone } = open();
  gone.refuse(0, 0, error);
  expect(gone.list(never)[0]!.sessionUnknown).toBe(unknown);
});

it("an answer of 404 or 400 that ends an open connection is about a session that is not known", () => {
  const { gone } = open();
  const errors = [
    new AnswerError(404, "404"),
    new AnswerError(400, "400"),
    new AnswerError(500, "500"),
    new Error("404"),
  ];
  for (const [slot, error] of errors.entries()) gone.drop(slot, slot, error);
  expect(gone.list((ended) => ended.map(() => 0)).map(({ sessionUnknown }) => sessionUnknown)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
