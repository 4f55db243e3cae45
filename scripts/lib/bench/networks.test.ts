import { expect, it } from "vitest";
import { parseNetworks } from "../../../scenarios/definitions/network.ts";
import { resolveSettings, type SettingsOverrides } from "../../../scenarios/definitions/settings.ts";
import type { NetworkBackend } from "../../../scenarios/lib/network-conditions.ts";
import { scenarios } from "../../../scenarios/scenarios.ts";
import { assertEmulatorKeepsUp } from "./networks.ts";

function load(scenario: "echo" | "chat-1k" | "telemetry", by: NetworkBackend, changes: SettingsOverrides) {
  const network = { ...parseNetworks("--network", "4g", "cubic")[0]!, by };
  return resolveSettings(scenario, scenarios[scenario], { ...changes, network });
}

it("refuses a load whose messages alone are more packets than the emulator passes on", () => {
  expect(() => assertEmulatorKeepsUp(load("chat-1k", "tun", { ratePerS: 25 }))).toThrow(
    "The emulator of --network passes on some 25,000 packets a second, and these messages alone are 25,025: lower --rate or --clients.",
  );
  expect(() => assertEmulatorKeepsUp(load("echo", "tun", { ratePerS: 12_501 }))).toThrow(/are 25,002: lower --rate/);
  for (const fits of [
    load("chat-1k", "tun", {}),
    load("echo", "tun", { ratePerS: 12_500 }),
    load("telemetry", "tun", { ratePerS: 25_000 }),
    load("chat-1k", "netem", { ratePerS: 1_000 }),
  ])
    expect(() => assertEmulatorKeepsUp(fits)).not.toThrow();
});
