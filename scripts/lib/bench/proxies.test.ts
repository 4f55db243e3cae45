import { expect, it } from "vitest";
import { resolveSettings, type Settings } from "../../../scenarios/definitions/settings.ts";
import { configurationsOf } from "../../../scenarios/definitions/proxy-plan.ts";
import { scenarioNamed } from "../../../scenarios/scenarios.ts";
import type { BenchFlags } from "./options.ts";
import { assertProxiesFit, parseThrough, planProxies } from "./proxies.ts";

const flags: BenchFlags = { transports: ["ws"], repeat: 1, format: "text" };
const trial = (transport: string, changes: Partial<Settings>, scenario = "chat-100") => ({
  transport,
  repeat: 1,
  settings: { ...resolveSettings(scenario, scenarioNamed(scenario), {}), ...changes },
});

it("reads names of proxies, and suggests one for a name that is none", () => {
  expect(parseThrough("--through", "none, nginx,haproxy-tcp")).toEqual(["none", "nginx", "haproxy-tcp"]);
  expect(() => parseThrough("--through", "ngnix")).toThrow(/^--through: "ngnix" is no proxy .* Did you mean "nginx"\?/);
  expect(() => parseThrough("--through", "")).toThrow(/is no proxy/);
  expect(() => parseThrough("--through", "__proto__")).toThrow(/is no proxy/);
});

it("has no proxy where none is named", async () => {
  expect(await planProxies(flags)).toEqual([undefined]);
  expect(await planProxies({ ...flags, through: ["none"] })).toEqual([undefined]);
});

it.each([
  [{ through: ["nginx", "nginx"] }, /names nginx twice/],
  [{ through: ["nginx"], target: "ws://127.0.0.1:1" }, /give --target the address of yours/],
  [{ through: ["nginx"], agents: 2 }, /leave --agents or --through out/],
] as [Partial<BenchFlags>, RegExp][])("refuses %j in one sentence", async (changes, sentence) => {
  await expect(planProxies({ ...flags, ...changes })).rejects.toThrow(sentence);
});

it("refuses rooms on one of several servers, and clients without end", async () => {
  await expect(assertProxiesFit([trial("ws", { through: "nginx", servers: 2 })])).rejects.toThrow(
    /choose --scenario echo/,
  );
  await expect(assertProxiesFit([trial("ws", { through: "nginx", servers: 2 }, "echo")])).resolves.toBeUndefined();
  await expect(assertProxiesFit([trial("ws", { through: "nginx", clients: 1_000_000 })])).rejects.toThrow(
    /nginx needs \d+ descriptors for 1000000 clients of ws|nginx needs \d+ ports/,
  );
});

it("refuses a run in which no proxy can carry any transport, and shows the others as failed rows", async () => {
  const impossible = trial("udp", { through: "nginx" });
  await expect(assertProxiesFit([impossible])).rejects.toThrow(/udp does not run over TCP alone/);
  await expect(assertProxiesFit([impossible, trial("ws", { through: "nginx" })])).resolves.toBeUndefined();
  await expect(assertProxiesFit([impossible, trial("udp", {})])).resolves.toBeUndefined();
});

it("shows the configuration of each proxy and transport once, or why there is none", async () => {
  const shown = await configurationsOf([
    trial("ws", { through: "nginx" }),
    trial("ws", { through: "nginx", seed: 2 }),
    trial("udp", { through: "nginx" }),
    trial("ws+tls", { through: "haproxy" }),
    trial("ws", {}),
  ]);
  expect(Object.keys(shown)).toEqual(["nginx for ws", "nginx for udp", "haproxy for ws+tls"]);
  expect(shown["nginx for ws"]).toContain("proxy_pass http://servers;");
  expect(shown["nginx for udp"]).toMatch(/^# nginx passes on TCP connections, and udp /);
  expect(shown["haproxy for ws+tls"]).toContain("ssl crt /etc/ssl/private/identity.pem");
});
