import { setTimeout as delay } from "node:timers/promises";
import { until } from "../../../scenarios/lib/until.ts";
import {
  expectCode,
  failing,
  gang,
  goesWell,
  longWindow,
  measuring,
  noneLeft,
  shortWindow,
  startAgents,
  untilIdle,
  type AgentProof,
} from "./proof-steps.ts";
import type { Stage, StageProcess } from "./stage.ts";

/** Two trials, of which the second has something go wrong in it. */
const twoTrials = [
  "--scenario",
  "chat-100",
  "--transports",
  "ws",
  "--repeat",
  "2",
  "--duration",
  "7s",
  "--warmup",
  "500ms",
];

/** kill -9 of an agent: the row fails, the others are idle, and nothing is left. */
export function agentKilled(stage: Stage, agents: readonly StageProcess[]): Promise<string> {
  return failing(stage, {
    harm: () => void agents[1]!.child.kill("SIGKILL"),
    named: /^agent b2 was lost/,
    withinMs: 5_000,
  });
}

/** A signal to a server or a worker. */
function signalChild(stage: Stage, kind: "server" | "worker", signal: NodeJS.Signals): void {
  const [pid] = stage.left(kind);
  process.kill(Number(pid), signal);
}

const worker = /^ws worker \d on b[23] process was /;
const server = /^the ws server on b1 process was /;

function ofChild(kind: "server" | "worker", signal: "SIGKILL" | "SIGSTOP", named: RegExp): AgentProof["run"] {
  return async (stage, { oneClock }) => {
    await startAgents(stage, oneClock);
    return failing(stage, { harm: () => signalChild(stage, kind, signal), named, withinMs: 5_000 });
  };
}

const after = (sentence: RegExp, words: string): RegExp => new RegExp(`${sentence.source}${words}`);

/** What breaks in the middle of a trial. The agents have one clock, which saves the time to compare clocks. */
export const failureProofs: readonly AgentProof[] = [
  {
    claim: "kill -9 of an agent: a failed row that names it within 5 s, and the next trial has a restarted agent",
    quick: true,
    run: async (stage, { oneClock }) => {
      const agents = await startAgents(stage, oneClock);
      const said = await agentKilled(stage, agents);
      await stage.agent("b2", { role: "clients", host: oneClock.clients[0] });
      await goesWell(stage, shortWindow);
      return said;
    },
  },
  {
    claim: "SIGSTOP of an agent for 10 s: a failed row within 5 s, and what it says when it wakes is refused",
    run: async (stage, { oneClock }) => {
      const agents = await startAgents(stage, oneClock);
      const sleeper = agents[1]!;
      const run = stage.bench("failed.csv", [...longWindow, ...gang]);
      await measuring(run);
      sleeper.child.kill("SIGSTOP");
      const awake = delay(10_000);
      const from = performance.now();
      await until(() => /^✖ .*failed: agent b2 was lost/m.test(run.seen.text), "the row fails", 5_000);
      const seconds = ((performance.now() - from) / 1000).toFixed(1);
      expectCode(await run.code, [1], run);
      await awake;
      sleeper.child.kill("SIGCONT");
      await untilIdle(agents, 10_000);
      await noneLeft(stage);
      const [, late] = /the broker refused (\d+) late answers/.exec(sleeper.seen.text) ?? [];
      if (late === undefined) throw new Error(`nothing was refused: ${sleeper.seen.text}`);
      return `after ${seconds} s: ${stage.rows("failed.csv")[0]!["error"]}; when it woke, the broker refused ${late} late answers`;
    },
  },
  {
    claim: "kill -9 of a worker: a failed row that names it and its agent",
    run: ofChild("worker", "SIGKILL", after(worker, "killed by SIGKILL$")),
  },
  {
    claim: "kill -9 of the server: a failed row that names it and its agent",
    run: ofChild("server", "SIGKILL", after(server, "killed by SIGKILL$")),
  },
  {
    claim: "SIGSTOP of a worker: a failed row within 5 s that names it and its agent",
    quick: true,
    run: ofChild("worker", "SIGSTOP", after(worker, "stopped by a signal, such as SIGSTOP, for 2 s$")),
  },
  {
    claim: "SIGSTOP of the server: a failed row within 5 s that names it and its agent",
    run: ofChild("server", "SIGSTOP", after(server, "stopped by a signal, such as SIGSTOP, for 2 s$")),
  },
  {
    claim:
      "kill -9 of the broker: a failed row within 6 s, the earlier row is kept, and every agent ends its processes",
    quick: true,
    run: async (stage, { oneClock }) => {
      const agents = await startAgents(stage, oneClock);
      const said = await failing(stage, {
        harm: () => void stage.broker.kill("SIGKILL"),
        named: /^the broker at .* has not answered/,
        withinMs: 6_000,
        bench: [...twoTrials, "--repeat", "3"],
        trial: 2,
      });
      await untilIdle(agents, 10_000);
      return said;
    },
  },
  {
    claim:
      "a broker that is full in a trial: a failed row within 5 s, the earlier row is kept, and agents serve the next run",
    run: async (stage, { oneClock }) => {
      const agents = await startAgents(stage, oneClock);
      const said = await failing(stage, {
        harm: () => void stage.ask("config", "set", "maxmemory", "1"),
        named: /^The broker at .* is full \(maxmemory\)/,
        withinMs: 5_000,
        bench: twoTrials,
        trial: 2,
      });
      await untilIdle(agents, 15_000);
      stage.ask("config", "set", "maxmemory", "0");
      await goesWell(stage, shortWindow);
      return said;
    },
  },
  {
    claim: "kill -9 of the bench: every agent is idle within 6 s, and no process is left",
    run: async (stage, { oneClock }) => {
      const agents = await startAgents(stage, oneClock);
      const run = stage.bench("dead.csv", [...longWindow, ...gang]);
      await measuring(run);
      const from = performance.now();
      run.child.kill("SIGKILL");
      await untilIdle(agents, 6_000);
      await noneLeft(stage);
      return `idle after ${((performance.now() - from) / 1000).toFixed(1)} s`;
    },
  },
];
