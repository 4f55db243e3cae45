import { expect, it } from "vitest";
import type { GoneClient } from "../workload/gone-client.ts";
import { commonSilence, measureGone } from "./measure-gone.ts";

const goneOf = (changes: Partial<GoneClient>): GoneClient => ({
  client: 0,
  how: "dropped",
  atUs: 0,
  reason: "reset",
  sessionUnknown: false,
  silentUs: 0,
  ...changes,
});

it("counts refused and dropped clients by their reason, and says when connections ended", () => {
  const gone = [
    goneOf({ how: "refused", reason: "503", sessionUnknown: true, silentUs: undefined }),
    goneOf({ atUs: 9_500_000 }),
    goneOf({ atUs: 6_000_000 }),
    goneOf({ atUs: 8_000_000, reason: "closed", sessionUnknown: true }),
  ];
  expect(measureGone(gone, 7_000_000, 12)).toEqual({
    refused: new Map([["503", 1]]),
    dropped: new Map([
      ["reset", 2],
      ["closed", 1],
    ]),
    droppedAtS: [-1, 1, 2.5],
    unknownSessions: 2,
    silence: undefined,
    lostDeliveries: 12,
  });
});

it("before the window is agreed, every connection ended before it", () => {
  expect(measureGone([goneOf({ atUs: 1e12 })]).droppedAtS).toEqual([-Infinity]);
});

it.each<[string, number[], ReturnType<typeof commonSilence>]>([
  ["all had it", [5, 5.1, 4.9], { seconds: 5, clients: 3 }],
  ["most had it, others none", [5, 5.2, 4.8, 0.01, 0.02], { seconds: 5, clients: 3 }],
  ["it differs by more than 10 %", [5, 7, 9, 11], undefined],
  ["only few had it", [5, 5], undefined],
  ["most did not have it", [5, 5, 5, 0, 0, 0, 0], undefined],
  ["it is shorter than messages are apart", [0.1, 0.1, 0.1, 0.1], undefined],
  ["nobody was dropped", [], undefined],
])("a silence that connections have in common: %s", (_, seconds, found) => {
  expect(commonSilence(seconds)).toEqual(found);
});
