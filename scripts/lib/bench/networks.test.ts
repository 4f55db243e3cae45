import { describe, expect, it } from "vitest";
import { parseNetworks } from "../../../scenarios/definitions/network.ts";
import { resolveSettings, type SettingsOverrides } from "../../../scenarios/definitions/settings.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import type { NetworkBackend } from "../../../scenarios/lib/network-conditions.ts";
import { scenarioNamed, scenarios } from "../../../scenarios/scenarios.ts";
import { assertEmulatorKeepsUp, assertNetworksFit, planNetworks } from "./networks.ts";
import type { BenchFlags } from "./options.ts";

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

const flagsOf = (text: string, more: Partial<BenchFlags> = {}) =>
  ({ network: parseNetworks("--network", text), networkBy: "proxy", ...more }) as BenchFlags;
const plan = (text: string, more?: Partial<BenchFlags>) => planNetworks(flagsOf(text, more), scenarioNamed("echo"));

/** Plans a network and puts transports behind it. */
async function fit(transports: readonly string[], by: NetworkBackend, clients = 5): Promise<void> {
  const [network] = parseNetworks("--network", "rtt=80ms");
  const subjects = transports.map((transport) => ({ transport }));
  await assertNetworksFit(subjects, [
    resolveSettings("echo", scenarios.echo, { clients, network: { ...network!, by } }),
  ]);
}

describe("a network by the proxy", () => {
  it("is planned without privileges, and other networks of the run keep the loopback", async () => {
    expect(await plan("loopback,rtt=80ms,jitter=10ms,rate=1mbit")).toMatchObject([undefined, { by: "proxy" }]);
  });

  it("has every transport over TCP behind it, also one whose client cannot choose its address", async () => {
    await expect(fit(["ws", "ws+tls", "long-poll", "grpc", "mqtt"], "proxy")).resolves.toBeUndefined();
  });
});

describe("one sentence says what a network cannot do, and what to do instead", () => {
  it.each([
    ["rtt=80ms,loss=1%", {}, /proxy: .* cannot lose a packet \(leave loss out\)\.$/],
    ["wifi-lossy", {}, /proxy: .* cannot lose a packet \(leave loss out\)\.$/],
    ["rtt=80ms,cc=reno", {}, /(proxy: .* congestion control \(leave cc out|no congestion control reno).*\.$/],
    ["rtt=80ms,cc=nosuch", {}, /no congestion control nosuch: it has .*\.$/],
    ["4g,4g", {}, /twice: name it once, and use --repeat\.$/],
    ["4g-slow,3g-fast", {}, /twice: name it once, and use --repeat\.$/],
    ["loopback", {}, /--network-by proxy needs a network to make: give --network rtt=80ms\.$/],
    ["rtt=80ms", { hostNetwork: true }, /drop --host-network\.$/],
    ["rtt=80ms", { target: "ws://127.0.0.1:1" }, /drop one of them\.$/],
    ["loopback,rtt=80ms", { slo: "p99<1s" }, /--slo searches in one network/],
  ] as const)("%s %o", async (text, more, sentence) => {
    const refused = plan(text, more as Partial<BenchFlags>);
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.toThrow(/^[^\n]+$/);
  });

  it.each([
    ["udp", "proxy", 5, /^udp does not run over TCP alone, .*: leave udp out, or see with --network-by tun/],
    ["webrtc", "proxy", 5, /^webrtc does not run over TCP alone/],
    ["ws", "proxy", 64_000, /^The proxy of a network needs \d+ (ports|descriptors) for 64000 clients of ws/],
    ["ws", "tun", 65_001, /^A network has 65,000 links at most/],
    ["grpc", "tun", 5, /lets no client choose its address, .*: leave grpc out\.$/],
  ] as const)("%s by %s with %i clients", async (transport, by, clients, sentence) => {
    const refused = fit([transport], by, clients);
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(sentence);
  });
});
