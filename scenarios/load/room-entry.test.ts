import { expect, it } from "vitest";
import { RoomEntry } from "./room-entry.ts";

const roomOf = (client: number): number => client % 10;
const texts = (entry: RoomEntry, client: number, position?: number): string =>
  entry.payloadOf(client, position).toString();
const isAnswer = (entry: RoomEntry, answer: string, client: number): boolean =>
  entry.isAnswer(Buffer.from(answer), client);

it("a first message names the room, with the trial on a server that serves others too", () => {
  expect(texts(new RoomEntry(roomOf, 10), 17)).toBe("room 7");
  expect(texts(new RoomEntry(roomOf, 10, "t1"), 17)).toBe("room t1-7");
});

it("a client that comes back says how many messages of its room it has, none included", () => {
  const entry = new RoomEntry(roomOf, 10);
  expect([134, 0].map((position) => texts(entry, 17, position))).toEqual(["room 7 @134", "room 7 @0"]);
});

it("the answer is the same text, and has a position where a history is kept", () => {
  const entry = new RoomEntry(roomOf, 10);
  expect([isAnswer(entry, "room 7", 17), isAnswer(entry, "room 7 @120", 17)]).toEqual([true, true]);
  expect(entry.positionIn(Buffer.from("room 7 @120"))).toBe(120);
  for (const other of ["room 8", "room 77", "room 7@120", "hello", ""]) expect(isAnswer(entry, other, 17)).toBe(false);
});

it("the entries of others are told from messages on a server that serves others too", () => {
  const isEchoed = (entry: RoomEntry, text: string): boolean => entry.isEchoedEntry(Buffer.from(text));
  const shared = new RoomEntry(roomOf, 10, "t1");
  expect(["room t1-3", "room t2-3", "hello"].map((text) => isEchoed(shared, text))).toEqual([true, false, false]);
  expect(isEchoed(new RoomEntry(roomOf, 10), "room 3")).toBe(false);
});
