import { describe, expect, it } from "vitest";
import { idleCycles, trialOptions } from "./trial-options.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings, type SettingsOverrides } from "./settings.ts";
import { transports } from "../transports.ts";

const { tcp, ws } = transports;
const poll = transports["short-poll"];
const often = transports["short-poll-500ms"];
const held = transports["long-poll"];
const idle = (name: "idle-100" | "idle-100k", changes: SettingsOverrides = {}) =>
  resolveSettings(name, scenarios[name], changes);
const loaded = { ...resolveSettings("chat-1k", scenarios["chat-1k"], {}), addresses: 1 };

describe("when nobody speaks", () => {
  it("shortens each period so that the window holds a whole number of them, at least as many as the scenario asks for", () => {
    expect(trialOptions(idle("idle-100"), ws)).toMatchObject({ heartbeatMs: 1_000, holdMs: 1_000 });
    expect(idleCycles(idle("idle-100"), ws)).toEqual({ cycles: 3, cycleMs: 1_000, periodMs: 25_000 });
    expect(idleCycles(idle("idle-100"), held)).toEqual({ cycles: 3, cycleMs: 1_000, periodMs: 25_000 });
  });

  it("never makes a period longer than it is by itself", () => {
    expect(trialOptions(idle("idle-100"), often)).toMatchObject({ pollIntervalMs: 500 });
    expect(idleCycles(idle("idle-100"), often)).toEqual({ cycles: 6, cycleMs: 500, periodMs: 500 });
    expect(trialOptions(idle("idle-100", { durationMs: 10_500 }), poll).pollIntervalMs).toBeCloseTo(10_500 / 11);
    expect(idleCycles(idle("idle-100", { durationMs: 10_500 }), poll)).toMatchObject({ cycles: 11, periodMs: 1_000 });
  });

  it("holds 100,000 for more than a minute, with every period as it is by itself", () => {
    expect(trialOptions(idle("idle-100k"), ws).heartbeatMs).toBe(25_000);
    expect(trialOptions(idle("idle-100k"), held).holdMs).toBe(25_000);
    expect(trialOptions(idle("idle-100k"), poll).pollIntervalMs).toBe(1_000);
    expect(idle("idle-100k").durationMs).toBeGreaterThan(60_000);
    expect(idleCycles(idle("idle-100k"), ws)).toEqual({ cycles: 3, cycleMs: 25_000, periodMs: 25_000 });
  });

  it("lets the kernel's own probes rest, whose bytes nobody counts", () => {
    expect(trialOptions(idle("idle-100"), tcp).heartbeatMs).toBeGreaterThan(600_000);
    expect(idleCycles(idle("idle-100"), tcp)).toMatchObject({ cycles: 3 });
  });
});

describe("under load", () => {
  it("has no heartbeat, leaves other periods alone and knows no cycles", () => {
    expect(trialOptions(loaded, ws)).toEqual({ extraHeaderBytes: 0, heartbeatMs: 640_000 });
    expect(idleCycles(loaded, ws)).toBeUndefined();
  });

  it("lets a large payload through", () => {
    const { maxPayloadBytes, queueBytes } = trialOptions({ ...loaded, payloadBytes: 3 * 2 ** 20 }, ws);
    expect(maxPayloadBytes).toBeGreaterThan(3 * 2 ** 20);
    expect(queueBytes).toBeGreaterThan(maxPayloadBytes!);
  });

  it("lets as many large messages wait as make a hiccup of some seconds", () => {
    const { maxPayloadBytes, queueBytes } = trialOptions({ ...loaded, payloadBytes: 2 ** 20 }, ws);
    expect(maxPayloadBytes).toBe(2 * 2 ** 20);
    expect(queueBytes).toBe(32 * 2 ** 20);
  });

  it("has a server listen on as many loopback addresses as are planned", () => {
    expect(trialOptions({ ...loaded, addresses: 3 }, ws).additionalHosts).toEqual(["127.0.0.2", "127.0.0.3"]);
  });
});
