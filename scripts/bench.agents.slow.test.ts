import { afterEach, beforeEach, expect, it } from "vitest";
import { agentKilled } from "./lib/agents/failure-proofs.ts";
import { startAgents } from "./lib/agents/proof-steps.ts";
import { sameAsAlone } from "./lib/agents/result-proofs.ts";
import { hasRedis, openStage, type Stage, type StageHost } from "./lib/agents/stage.ts";

const here: StageHost = { address: "127.0.0.1", prefix: [] };
const hosts = { server: here, clients: [here, here] } as const;
const withRedis = hasRedis();
if (!withRedis) console.log("Skipped: agents need a redis-server (apt-get install redis-server).");

let stage: Stage;
beforeEach(async () => {
  if (withRedis) stage = await openStage();
});
afterEach(() => {
  if (withRedis) stage.end();
});

it.skipIf(!withRedis)(
  "a run over a server agent and two client agents delivers, loses and costs bytes exactly as one on one machine",
  async () => {
    await startAgents(stage, hosts);
    expect(await sameAsAlone(stage)).toContain("0 lost");
    const { agents, broker } = stage.record("over.csv") as {
      agents: { name: string; environment: object }[];
      broker: string;
    };
    expect(agents.map(({ name }) => name).toSorted()).toEqual(["b1", "b2", "b3"]);
    expect(stage.url).toBe(`redis://${broker}`);
  },
  120_000,
);

it.skipIf(!withRedis)(
  "an agent that is killed makes a failed row that names it, and leaves no process behind",
  async () => {
    const agents = await startAgents(stage, hosts);
    expect(await agentKilled(stage, agents)).toContain("agent b2 was lost");
  },
  120_000,
);
