import { expect, it } from "vitest";
import { parseFault } from "../../../scenarios/definitions/fault.ts";
import { parseNetworks } from "../../../scenarios/definitions/network.ts";
import { resolveSettings, type SettingsOverrides } from "../../../scenarios/definitions/settings.ts";
import type { Target } from "../../../scenarios/definitions/target.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { scenarios } from "../../../scenarios/scenarios.ts";
import { assertFaultFits } from "./faults.ts";
import type { BenchFlags } from "./options.ts";
import type { Subject } from "./subjects.ts";

const machine = { platform: "linux" as const, hasSs: true, isRoot: false };

/** A run of the scenario `cut`, with changes. */
interface Run {
  fault?: string;
  scenario?: keyof typeof scenarios;
  changes?: SettingsOverrides;
  flags?: Partial<BenchFlags>;
  subjects?: readonly Subject[];
  machine?: Partial<typeof machine> | { platform: NodeJS.Platform };
}

const check = ({ fault, scenario = "cut", changes = {}, flags = {}, subjects, machine: other }: Run): Promise<void> =>
  assertFaultFits(
    subjects ?? [{ transport: "ws" }],
    resolveSettings(scenario, scenarios[scenario], {
      ...changes,
      ...(fault !== undefined && { fault: parseFault("--fault", fault) }),
    }),
    flags,
    { ...machine, ...other },
  );

/** A server of the user's own, which the bench starts or not. */
const targetAt = (host: string, start?: string): Target =>
  ({ addresses: [{ host, port: 80 }], ...(start !== undefined && { start }) }) as unknown as Target;
const proxied = { ...parseNetworks("--network", "rtt=80ms")[0]!, by: "proxy" as const };

const fitting: Run[] = [
  { fault: "cut:50%@5s" },
  { fault: "cut:90%@5s" },
  { fault: "cut:100%@19s" },
  { fault: "cut:100%/5s@0s" },
  { fault: "gone:5s:50%@5s" },
  { fault: "restart@5s", machine: { hasSs: false } },
  { fault: "restart-hard@5s", scenario: "echo" },
  { fault: "cut:50%@5s", scenario: "flaky" },
  { fault: "cut:50%@5s", changes: { network: proxied } },
  { fault: "cut:50%@5s", flags: { hostNetwork: true } },
  { fault: "cut:50%@5s", subjects: [{ transport: "grpc" }] },
  { fault: "cut:50%@5s", changes: { historyMessages: 100 } },
  { fault: "cut:50%@5s", flags: { reconnect: { minMs: 1, maxMs: 2 }, heartbeat: 1_000 } },
  { scenario: "chat-100" },
];
it.each(fitting.map((run) => [JSON.stringify(run), run] as const))(
  "a fault that fits is let through: %s",
  async (_, run) => {
    await expect(check(run)).resolves.toBeUndefined();
  },
);

it.each<[RegExp, Run]>([
  [
    /^--reconnect is about .*: add --fault cut:50%@5s\.$/,
    { scenario: "chat-100", flags: { reconnect: { minMs: 1, maxMs: 2 } } },
  ],
  [/^--heartbeat is about .*: add --fault cut:50%@5s\.$/, { scenario: "chat-100", flags: { heartbeat: 1_000 } }],
  [
    /^--history is for a group chat .*, or leave --history out\.$/,
    { scenario: "echo", changes: { historyMessages: 9 } },
  ],
  [/^--history is for a group chat in which clients send/, { scenario: "flaky", changes: { historyMessages: 9 } }],
  [/^A fault needs .* on this machine: leave --agents or --fault out\.$/, { flags: { agents: 2 } }],
  [/^--slo searches .*: leave --slo or --fault out\.$/, { flags: { slo: {} } as Partial<BenchFlags> }],
  [
    /^A fault is for clients that stay connected .*: choose a chat or echo/,
    { fault: "cut", scenario: "connect-per-message" },
  ],
  [/^A fault is for clients that stay connected/, { fault: "cut", scenario: "slow-consumer" }],
  [/^A fault is for clients that stay connected/, { fault: "cut", scenario: "idle-100" }],
  [/^A fault is for clients that stay connected/, { fault: "cut", scenario: "telemetry" }],
  [
    /^The fault cut:50%@19.001s is not over a second before .* of 20s ends: raise --duration\.$/,
    { fault: "cut@19001ms" },
  ],
  [/^The fault gone:15s:50%@5s is not over a second before/, { fault: "gone:15s" }],
  [/^The fault cut:100%\/15s@0.001s does not meet each client .*: raise --duration\.$/, { fault: "cut:100%/15s@1ms" }],
  [
    /^The network of this machine is a TCP proxy, .* as gone is: see with --network-by tun/,
    { fault: "gone:1s", changes: { network: proxied } },
  ],
  [
    /^half-open needs a network of the trial's own: leave --host-network out\.$/,
    { fault: "half-open:1s", changes: { hostNetwork: true } },
  ],
  [
    /^restart ends the server, and here the server sends: choose a scenario in which clients send\.$/,
    { fault: "restart", scenario: "flaky" },
  ],
  [
    /^A fault needs an address for each client, of which there are 65,000: lower --clients\.$/,
    { changes: { clients: 65_001 } },
  ],
  [
    /^The fault spares the senders, which are 10 of 100 clients: lower its share, or make it 100%\.$/,
    { fault: "cut:91%" },
  ],
  [/^The fault cut:0.4%@5s meets none of 100 clients: raise its share\.$/, { fault: "cut:0.4%" }],
  [/^A fault is made by Linux, .*: leave --fault out\.$/, { machine: { platform: "darwin" } }],
  [/^A cut needs the program ss: install iproute2/, { machine: { hasSs: false } }],
  [
    /^The client library of grpc lets no client choose its address, .*: leave grpc out\.$/,
    { fault: "cut:100%/5s@0s", subjects: [{ transport: "ws" }, { transport: "grpc" }] },
  ],
  [
    /^gone is not possible at a server of your own: cut is, such as --fault cut:50%@5s\.$/,
    { fault: "gone:1s", subjects: [{ transport: "ws", target: targetAt("127.0.0.1", "x") }] },
  ],
  [
    /^To cut connections of a server that the bench does not start needs root: give --start COMMAND/,
    { subjects: [{ transport: "ws", target: targetAt("10.0.0.9") }] },
  ],
])("what does not fit is one sentence with a remedy: %s", async (sentence, run) => {
  const outcome: unknown = await check(run).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(UserError);
  expect((outcome as Error).message).toMatch(sentence);
  expect((outcome as Error).message).toMatch(/^[^\n]+: [^\n]+\.$/);
});

it("root may cut the connections of any server, and of one that the bench starts anybody may", async () => {
  const subjects = (target: Target): Subject[] => [{ transport: "ws", target }];
  await expect(check({ subjects: subjects(targetAt("10.0.0.9")), machine: { isRoot: true } })).resolves.toBeUndefined();
});
