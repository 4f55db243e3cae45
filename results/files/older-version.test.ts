import { describe, expect, it } from "vitest";
import { columns } from "../model/columns.ts";
import { timelineColumns } from "../model/timeline.ts";
import { presentNames, presentRecord, presentText } from "./older-version.ts";

describe("what an older version wrote is read under its present name:", () => {
  it("columns", () => {
    expect(presentNames(["pattern", "exchanges", "slow_dropped", "limited_by", "clients"], columns)).toEqual([
      "traffic_pattern",
      "polls_answered",
      "paused_dropped",
      "bottleneck",
      "clients",
    ]);
    expect(presentNames(["last_receiver_max_us", "colour"], timelineColumns)).toEqual(["fanout_max_us", "colour"]);
  });

  it("texts, each part of a list by itself, and only in the columns that had them", () => {
    expect(presentText("scenario", "connect-talk-leave")).toBe("connect-per-message");
    expect(presentText("traffic_pattern", "clients and hub speak, hub hears, turns of 500 ms")).toBe(
      "clients and server send, server receives, slots of 500 ms",
    );
    expect(presentText("traffic_pattern", "hub speaks, even, visits, 3 stop reading, trace 0f3a x2")).toBe(
      "server sends, even, connection per message, 3 paused, trace 0f3a x2",
    );
    expect(presentText("reasons", "visits")).toBe("visits");
  });

  it("keys and values of a run record", () => {
    const settings = { offeredPerS: 7, speakers: "hub", turnMs: 500, visits: true, slowClients: 2, hiccupMs: 0 };
    const record = presentRecord({
      against: { build: "old" },
      options: { ws: { port: 0, own: { deflate: true }, alsoAt: [] } },
      trials: [{ repeat: 1, settings: { ...settings, app: "report", scenario: "connect-talk-leave", seed: 3 } }],
    });
    expect(record).toEqual({
      baseline: { build: "old" },
      options: { ws: { port: 0, transportOptions: { deflate: true }, additionalHosts: [] } },
      trials: [
        {
          repeat: 1,
          settings: {
            ratePerS: 7,
            senderSide: "server",
            halfDuplexSlotMs: 500,
            connectPerMessage: true,
            pausedClients: 2,
            warmupPauseMs: 0,
            app: "ingest",
            scenario: "connect-per-message",
            seed: 3,
          },
        },
      ],
    });
  });
});

it("settings and options that an older record lacks have the values that they had without being recorded", () => {
  expect(presentRecord({ options: { ws: {} }, trials: [{ settings: {} }] })).toEqual({
    options: { ws: { transportOptions: {} } },
    trials: [{ settings: { warmupPauseMs: 0 } }],
  });
});

describe("the former names of columns", () => {
  it.each([columns, timelineColumns])("are no present ones, and none is used twice", (known) => {
    const former = Object.values(known).flatMap((column) => ("formerly" in column ? [column.formerly] : []));
    expect(former.length).toBeGreaterThan(0);
    expect(new Set(former).size).toBe(former.length);
    for (const name of former) expect(known).not.toHaveProperty(name);
  });
});
