import { expect, it } from "vitest";
import { resolveSettings } from "../../../scenarios/definitions/settings.ts";
import { scenarioNamed } from "../../../scenarios/scenarios.ts";
import { assertForAgents, planOnHosts } from "./agents-plan.ts";
import { resourceRequest } from "./resource-request.ts";

const agent = (name: string, descriptors = 20_000) => ({
  description: {
    name,
    role: "any" as const,
    limits: { cores: 2, descriptors, ports: 28_000, timeWaitMs: 60_000, memoryMib: 64_000 },
  },
});

const settings = (clients: number) => resolveSettings("chat-1k", scenarioNamed("chat-1k"), { clients });
const plan = async (hosts: ReturnType<typeof agent>[], clients: number) =>
  planOnHosts(await resourceRequest("ws", settings), clients, hosts);

it("equal client hosts have a worker each and no shares", async () => {
  expect(await plan([agent("a"), agent("b"), agent("c")], 1_000)).toEqual({ servers: 1, addresses: 1, workers: 2 });
});

it("unequal client hosts have shares", async () => {
  expect(await plan([agent("a"), agent("b", 400), agent("c")], 1_200)).toMatchObject({
    workers: 2,
    shares: [336, 864],
  });
});

it("one agent is planned as one machine with one worker", async () => {
  expect(await plan([agent("a")], 1_000)).toEqual({ servers: 1, addresses: 1, workers: 1 });
});

it("modules, traces and programs to start are refused in one sentence each", () => {
  const plain = settings(10);
  expect(() => assertForAgents([{ transport: "./mine.js" }], plain)).toThrow(
    /^Agents load no module, and \.\/mine\.js is one/,
  );
  const trace = { ...plain, trace: { path: "a.csv", speed: 1 } } as typeof plain;
  expect(() => assertForAgents([{ transport: "ws" }], trace)).toThrow(/^Agents cannot read the file of a trace/);
  const target = { title: "my server", addresses: [{ host: "127.0.0.1", port: 1 }], start: "node my.js" };
  expect(() => assertForAgents([{ transport: "ws", target }], plain)).toThrow(
    /^Agents start and watch no program, and my server is one/,
  );
  expect(() => assertForAgents([{ transport: "ws" }], plain)).not.toThrow();
});
