import { describe, expect, it } from "vitest";
import { resolveSettings } from "../definitions/settings.ts";
import { scenarios } from "../scenarios.ts";
import { allClocks, isEchoed, latencyClaim } from "./latency-claim.ts";

const spread = { clock: { hosts: 3, errorUs: 150 }, observersP50Us: 2_000, isEcho: false, hasSenderWorker: true };

describe("the latency of a row", () => {
  it("is of all deliveries where all processes have one clock", () => {
    expect(latencyClaim({ ...spread, clock: undefined, observersP50Us: 5 })).toBe("all");
  });

  it("is of all deliveries where the error is at most a tenth of the observers' median, or 100 us", () => {
    const claim = (errorUs: number, observersP50Us: number): string =>
      latencyClaim({ ...spread, clock: { hosts: 3, errorUs }, observersP50Us });
    expect([claim(200, 2_000), claim(201, 2_000)]).toEqual(["all", "one host"]);
    expect([claim(100, 300), claim(101, 300)]).toEqual(["all", "one host"]);
    expect([claim(100, NaN), claim(101, NaN)]).toEqual(["all", "one host"]);
  });

  it("is of pairs on one host where the error is not known", () => {
    for (const errorUs of [NaN, Infinity])
      expect(latencyClaim({ ...spread, clock: { hosts: 2, errorUs } })).toBe("one host");
  });

  it("is of none where no process has both a sender and a receiver and the error is too large", () => {
    expect(latencyClaim({ ...spread, observersP50Us: 1_000, hasSenderWorker: false })).toBe("none");
  });

  it("is of all deliveries of an echo, whatever the clocks", () => {
    expect(latencyClaim({ ...spread, clock: { hosts: 9, errorUs: NaN }, isEcho: true })).toBe("all");
  });

  it("is of no echo in a page whose clock is known too coarsely, since the message is due by the clock of the worker", () => {
    const clock = { hosts: 1, pages: 5, errorUs: 201 };
    const claim = (isEcho: boolean): string => latencyClaim({ ...spread, clock, isEcho });
    expect([claim(true), claim(false)]).toEqual(["none", "none"]);
    expect(latencyClaim({ ...spread, clock: { ...clock, errorUs: 200 }, isEcho: true })).toBe("all");
  });
});

it("a message goes back to its sender alone in an echo, in short sessions and in rooms of one client", () => {
  const echoed = (name: keyof typeof scenarios): boolean => isEchoed(resolveSettings(name, scenarios[name], {}));
  expect(["echo", "connect-per-message"].map((name) => echoed(name as keyof typeof scenarios))).toEqual([true, true]);
  expect([echoed("chat-100"), echoed("tokens"), echoed("telemetry")]).toEqual([false, false, false]);
  const chat = resolveSettings("chat-100", scenarios["chat-100"], { clients: 5 });
  expect([isEchoed({ ...chat, rooms: 5 }), isEchoed({ ...chat, rooms: 4 })]).toEqual([true, false]);
});

it("the clocks of a trial are those of its hosts and of the pages of all workers, and the errors of both may add up", () => {
  const hosts = { hosts: 2, errorUs: 50 };
  expect(allClocks(undefined, [undefined, undefined])).toBeUndefined();
  expect(allClocks(hosts, [undefined])).toBe(hosts);
  const pages = [{ pages: 5, errorUs: 70 }, undefined, { pages: 20, errorUs: 90 }];
  expect(allClocks(undefined, pages)).toEqual({ hosts: 1, pages: 25, errorUs: 90 });
  expect(allClocks(hosts, pages)).toEqual({ hosts: 2, pages: 25, errorUs: 140 });
});
