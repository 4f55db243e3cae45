import { describe, expect, it } from "vitest";
import { idleCycles, trialOptions } from "./trial-options.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type SettingsOverrides } from "./settings.ts";
import { optionsFor } from "../transports/load-transport.ts";
import { transports } from "../transports.ts";

const { tcp, ws } = transports;
const shortPoll = transports["short-poll"];
const fastPoll = transports["short-poll-500ms"];
const longPoll = transports["long-poll"];
const idle = (name: "idle-100" | "idle-100k", changes: SettingsOverrides = {}) =>
  resolveSettings(name, scenarios[name], changes);
const loaded = { ...resolveSettings("chat-1k", scenarios["chat-1k"], {}), addresses: 1 };

describe("the options of an idle trial", () => {
  it("shorten each period so that the window holds a whole number of cycles, at least as many as the scenario says", () => {
    expect(trialOptions(idle("idle-100"), ws)).toMatchObject({ heartbeatMs: 1_000, holdMs: 1_000 });
    expect(idleCycles(idle("idle-100"), ws)).toEqual({ cycles: 3, cycleMs: 1_000, periodMs: 25_000 });
    expect(idleCycles(idle("idle-100"), longPoll)).toEqual({ cycles: 3, cycleMs: 1_000, periodMs: 25_000 });
  });

  it("never lengthen a period", () => {
    expect(trialOptions(idle("idle-100"), fastPoll)).toMatchObject({ pollIntervalMs: 500 });
    expect(idleCycles(idle("idle-100"), fastPoll)).toEqual({ cycles: 6, cycleMs: 500, periodMs: 500 });
    const longer = idle("idle-100", { durationMs: 10_500 });
    expect(trialOptions(longer, shortPoll).pollIntervalMs).toBeCloseTo(10_500 / 11);
    expect(idleCycles(longer, shortPoll)).toMatchObject({ cycles: 11, periodMs: 1_000 });
  });

  it("leave every period as it is in idle-100k, whose window is longer than a minute", () => {
    expect(trialOptions(idle("idle-100k"), ws).heartbeatMs).toBe(25_000);
    expect(trialOptions(idle("idle-100k"), longPoll).holdMs).toBe(25_000);
    expect(trialOptions(idle("idle-100k"), shortPoll).pollIntervalMs).toBe(1_000);
    expect(idle("idle-100k").durationMs).toBeGreaterThan(60_000);
    expect(idleCycles(idle("idle-100k"), ws)).toEqual({ cycles: 3, cycleMs: 25_000, periodMs: 25_000 });
  });

  it("keep the kernel's own keep-alive probes out of the window, since their bytes are not counted", () => {
    expect(trialOptions(idle("idle-100"), tcp).heartbeatMs).toBeGreaterThan(600_000);
    expect(idleCycles(idle("idle-100"), tcp)).toMatchObject({ cycles: 3 });
  });
});

describe("the options of a trial under load", () => {
  it("are those of the transport without heartbeats, and there are no cycles", () => {
    const defaults = optionsFor(fastPoll, {});
    expect(trialOptions(loaded, fastPoll)).toEqual({ ...defaults, heartbeatMs: 640_000 });
    expect(defaults).toMatchObject({ pollIntervalMs: 500, extraHeaderBytes: 0 });
    expect(idleCycles(loaded, ws)).toBeUndefined();
  });

  it("are complete, so that resolving them again changes nothing", () => {
    const options = trialOptions({ ...loaded, extraHeaderBytes: 800, payloadBytes: 2 ** 20, addresses: 3 }, fastPoll);
    expect(options.extraHeaderBytes).toBe(800);
    expect(optionsFor(fastPoll, options)).toEqual(options);
  });

  it("accept a payload above the default limit", () => {
    const { maxPayloadBytes, queueBytes } = trialOptions({ ...loaded, payloadBytes: 3 * 2 ** 20 }, ws);
    expect(maxPayloadBytes).toBeGreaterThan(3 * 2 ** 20);
    expect(queueBytes).toBeGreaterThan(maxPayloadBytes);
  });

  it("let 32 large messages wait for a client", () => {
    const { maxPayloadBytes, queueBytes } = trialOptions({ ...loaded, payloadBytes: 2 ** 20 }, ws);
    expect(maxPayloadBytes).toBe(2 * 2 ** 20);
    expect(queueBytes).toBe(32 * 2 ** 20);
  });

  it("have the server listen on as many loopback addresses as are planned", () => {
    expect(trialOptions({ ...loaded, addresses: 3 }, ws).additionalHosts).toEqual(["127.0.0.2", "127.0.0.3"]);
  });
});
