import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { resolveSettings } from "../../../scenarios/definitions/settings.ts";
import { scenarioNamed } from "../../../scenarios/scenarios.ts";
import { assertForAgents, planOnHosts } from "./agents-plan.ts";
import { resourceRequest } from "./resource-request.ts";
import type { Subject } from "./subjects.ts";

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
    shares: [1_180, 20],
  });
});

it("senders and observers that the largest client host cannot have in one process are refused", async () => {
  await expect(plan([agent("a"), agent("b", 80)], 10)).resolves.toMatchObject({ workers: 1 });
  await expect(plan([agent("a"), agent("b", 80), agent("c", 80)], 35)).rejects.toThrow(
    /^ws with 35 clients has \d+ senders and observers in one process, and agent b has 80 descriptors: raise ulimit -n/,
  );
});

it("one agent is planned as one machine with one worker", async () => {
  expect(await plan([agent("a")], 1_000)).toEqual({ servers: 1, addresses: 1, workers: 1 });
});

const hosts = [{ name: "b2", findModule: () => Promise.resolve({ folder: "/srv", digest: "abc" }) }];
const check = (subject: Subject, changes: object = {}) =>
  assertForAgents([subject], { ...settings(10), ...changes }, hosts);

it("modules that agents do not have, traces and programs to start are refused in one sentence each", async () => {
  const module = fileURLToPath(new URL("run-plan.js", import.meta.url));
  await expect(check({ transport: module })).rejects.toThrow(/outside of its folder/);
  const folder = mkdtempSync(join(tmpdir(), "modules-"));
  writeFileSync(join(folder, "mine.js"), "export default {};\n");
  await expect(check({ transport: `${folder}/mine.js+tls` })).rejects.toThrow(
    /^\/srv\/mine\.js of agent b2 is abc, and .*\/mine\.js of the bench is \w{12}: copy the same files there\.$/,
  );
  rmSync(folder, { recursive: true });
  await expect(check({ transport: "ws" }, { trace: { path: "a.csv", speed: 1 } })).rejects.toThrow(
    /^Agents cannot read the file of a trace/,
  );
  const target = { title: "my server", addresses: [{ host: "127.0.0.1", port: 1 }], start: "node my.js" };
  await expect(check({ transport: "ws", target })).rejects.toThrow(
    /^Agents start and watch no program, and my server is one/,
  );
  await expect(check({ transport: "ws" })).resolves.toBeUndefined();
});
