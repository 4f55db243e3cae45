import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { projectFolder } from "../../../results/model/environment.ts";
import { until } from "../../../scenarios/lib/until.ts";
import type { Stage, StageHost, StageProcess } from "./stage.ts";

/** A proof: a stage with hosts in, what was seen out. Throws an Error that says what was not as it must be. */
export interface AgentProof {
  claim: string;
  run(stage: Stage, hosts: ProofHosts): Promise<string>;
}

/** Hosts of a proof. */
export interface ProofHosts {
  server: StageHost;
  clients: readonly [StageHost, StageHost];
}

const chat = ["--scenario", "chat-100", "--transports", "ws,long-poll", "--seed", "7"];
const long = ["--scenario", "chat-100", "--transports", "ws", "--duration", "20s", "--warmup", "500ms"];
const gang = ["--agents", "3", "--agents-wait", "8s"];

/** Columns that agents must not change: what was delivered, and every byte. */
const exact = ["sent", "expected", "delivered", "lost", "duplicated", "reordered", "unexpected"] as const;
const bytes = ["overhead_bytes_per_send", "overhead_bytes_per_delivery"] as const;

/** Starts the three agents of a proof: b1 for the servers, b2 and b3 for clients. */
export async function startAgents(stage: Stage, { server, clients }: ProofHosts): Promise<StageProcess[]> {
  return [
    await stage.agent("b1", { role: "server", host: server }),
    await stage.agent("b2", { role: "clients", host: clients[0] }),
    await stage.agent("b3", { role: "clients", host: clients[1] }),
  ];
}

/** The same run on one machine and over agents. */
export async function sameAsAlone(stage: Stage): Promise<string> {
  const alone = stage.bench("alone.csv", [...chat, "--workers", "2"]);
  expectCode(await alone.code, [0], alone);
  const over = stage.bench("over.csv", [...chat, ...gang]);
  expectCode(await over.code, [0], over);
  const [one, other] = [stage.rows("alone.csv"), stage.rows("over.csv")];
  const seen = one.map((row, i) => {
    // The bytes of a poll depend on how many messages it brings, and so on chance, on one machine too.
    const names = row["transport"] === "ws" ? [...exact, ...bytes] : exact;
    for (const name of names) assertEqual(`${row["transport"]} ${name}`, other[i]![name], row[name]);
    assertEqual("hosts", other[i]!["hosts"], "3");
    return `${row["transport"]} ${row["delivered"]} delivered, ${row["lost"]} lost, ${row["overhead_bytes_per_delivery"]} B/delivery`;
  });
  return seen.join("; ");
}

/** Something goes wrong 1 s into the window. `named` must be in the error of the row, within `withinMs`. */
async function failing(
  stage: Stage,
  harm: (run: StageProcess) => void,
  named: RegExp,
  withinMs: number,
): Promise<string> {
  const run = stage.bench("failed.csv", [...long, ...gang]);
  await until(
    () => run.seen.text.includes("measuring"),
    () => `the window begins: ${run.seen.text}`,
    30_000,
  );
  const from = performance.now();
  harm(run);
  await until(() => /^✖ ws .*failed: /m.test(run.seen.text), "the row fails", withinMs);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  expectCode(await run.code, [1], run);
  const { error = "" } = stage.rows("failed.csv")[0]!;
  if (!named.test(error)) throw new Error(`the row says "${error}"`);
  return `after ${seconds} s: ${error}`;
}

/** kill -9 of an agent: the row fails, the others are idle, and nothing is left. */
export async function agentKilled(stage: Stage, agents: readonly StageProcess[]): Promise<string> {
  const said = await failing(stage, () => void agents[1]!.child.kill("SIGKILL"), /^agent b2 was lost/, 5_000);
  await until(() => stage.left().length === 0, "no process of the trial is left");
  return said;
}

/** Waits until every agent has said that it is idle as often as it was lent. */
async function untilIdle(agents: readonly StageProcess[], withinMs: number): Promise<void> {
  const times = (text: string, word: string): number => text.split(word).length;
  await until(
    () => agents.every(({ seen: { text } }) => times(text, "Lent to run") === times(text, "Idle again")),
    "every agent is idle",
    withinMs,
  );
}

/** A command that must end with exit 2 and one sentence. */
async function refused(run: StageProcess, sentence: RegExp): Promise<string> {
  expectCode(await run.code, [2], run);
  const lines = run.seen.text.trim().split("\n");
  if (!sentence.test(lines.at(-1)!)) throw new Error(`it says: ${run.seen.text}`);
  return lines.at(-1)!;
}

/** A copy of this project whose code differs, as after a commit. */
function otherBuild(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "build-"));
  mkdirSync(join(folder, "dist"));
  cpSync(join(projectFolder, "dist"), join(folder, "dist"), { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) cpSync(join(projectFolder, file), join(folder, file));
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "dist", "changed.js"), "export {};\n");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The proofs, each on a stage of its own. */
export const agentProofs: readonly AgentProof[] = [
  {
    claim: "the same seed alone and over 3 agents: equal to the message and the byte",
    run: async (stage, hosts) => {
      await startAgents(stage, hosts);
      return sameAsAlone(stage);
    },
  },
  {
    claim: "kill -9 of an agent: a failed row that names it within 5 s, and the next trial has a restarted agent",
    run: async (stage, hosts) => {
      const agents = await startAgents(stage, hosts);
      const said = await agentKilled(stage, agents);
      await stage.agent("b2", { role: "clients", host: hosts.clients[0] });
      const next = stage.bench("next.csv", [...long, "--duration", "1s", ...gang]);
      expectCode(await next.code, [0], next);
      return said;
    },
  },
  {
    claim: "SIGSTOP of an agent for 10 s: a failed row within 5 s, and what it says when it wakes is refused",
    run: async (stage, hosts) => {
      const agents = await startAgents(stage, hosts);
      const sleeper = agents[1]!;
      const awake = delay(10_000 + 8_000); // the window begins within 8 s
      const said = await failing(stage, () => void sleeper.child.kill("SIGSTOP"), /^agent b2 was lost/, 5_000);
      await awake;
      sleeper.child.kill("SIGCONT");
      await untilIdle(agents, 10_000);
      await until(() => stage.left().length === 0, "no process of the trial is left");
      const [, late] = /the broker refused (\d+) late answers/.exec(sleeper.seen.text) ?? [];
      if (late === undefined) throw new Error(`nothing was refused: ${sleeper.seen.text}`);
      return `${said}; when it woke, the broker refused ${late} late answers`;
    },
  },
  {
    claim: "kill -9 of a worker: a failed row that names it and its agent",
    run: async (stage, hosts) => {
      await startAgents(stage, hosts);
      return failing(
        stage,
        () => killChild(stage, "worker"),
        /^ws worker \d on b[23] process was killed by SIGKILL/,
        5_000,
      );
    },
  },
  {
    claim: "kill -9 of the server: a failed row that names it and its agent",
    run: async (stage, hosts) => {
      await startAgents(stage, hosts);
      return failing(
        stage,
        () => killChild(stage, "server"),
        /^the ws server on b1 process was killed by SIGKILL/,
        5_000,
      );
    },
  },
  {
    claim: "kill -9 of the broker: a failed row within 5 s, and every agent ends its processes",
    run: async (stage, hosts) => {
      const agents = await startAgents(stage, hosts);
      const said = await failing(
        stage,
        () => void stage.broker.kill("SIGKILL"),
        /^the broker at .* has not answered/,
        6_000,
      );
      await untilIdle(agents, 10_000);
      await until(() => stage.left().length === 0, "no process of the trial is left");
      return said;
    },
  },
  {
    claim: "kill -9 of the coordinator: every agent is idle within 6 s, and no process is left",
    run: async (stage, hosts) => {
      const agents = await startAgents(stage, hosts);
      const run = stage.bench("dead.csv", [...long, ...gang]);
      await until(() => run.seen.text.includes("measuring"), "the window begins", 30_000);
      const from = performance.now();
      run.child.kill("SIGKILL");
      await untilIdle(agents, 6_000);
      await until(() => stage.left().length === 0, "no process of the trial is left");
      return `idle after ${((performance.now() - from) / 1000).toFixed(1)} s`;
    },
  },
  {
    claim: "an agent with ulimit -n 400 has at most the 336 clients that fit",
    run: async (stage, hosts) => {
      await stage.agent("b1", { role: "server", host: hosts.server });
      await stage.agent("b2", { role: "clients", host: hosts.clients[0], descriptors: 400 });
      await stage.agent("b3", { role: "clients", host: hosts.clients[1] });
      const light = ["--clients", "1200", "--rate", "3", "--warmup", "1s", "--duration", "2s", "--transports", "ws"];
      const run = stage.bench("share.csv", ["--scenario", "chat-1k", ...light, ...gang]);
      expectCode(await run.code, [0, 3], run);
      const { trials } = stage.record("share.csv") as { trials: { settings: { shares: number[] } }[] };
      assertEqual("the shares", String(trials[0]!.settings.shares), "336,864");
      return `b2 and b3 have 336 and 864 parts of 1,200 clients; ${stage.rows("share.csv")[0]!["lost"]} lost`;
    },
  },
  {
    claim: "a missing agent, another build, a wrong password, a full broker: one sentence and exit 2",
    run: async (stage, hosts) => {
      await stage.agent("b1", { host: hosts.server });
      const said = [
        await refused(
          stage.bench("no.csv", [...long, "--agents", "3", "--agents-wait", "1s"]),
          /^1 of 3 agents came within 1 s \(b1\)/,
        ),
      ];
      const { folder, remove } = otherBuild();
      await stage.agent("b2", { host: hosts.clients[0], project: folder });
      said.push(
        await refused(
          stage.bench("no.csv", [...long, "--agents", "2"]),
          /^The agent b2 runs build \w+, and this is build /,
        ),
      );
      remove();
      stage.ask("config", "set", "maxmemory", "1");
      said.push(await refused(stage.bench("no.csv", [...long, "--agents", "2"]), /is full \(maxmemory\)/));
      stage.ask("config", "set", "maxmemory", "0");
      const wrong = { TRANSPORT_BENCH_BROKER: stage.url.replace("//", "//nobody:wrongpassword@") };
      const run = stage.bench("no.csv", [...long, "--agents", "2"], wrong);
      said.push(await refused(run, /refuses the user or the password/));
      if (run.seen.text.includes("wrongpassword")) throw new Error("the password was printed");
      return said.join(" | ");
    },
  },
];

function killChild(stage: Stage, kind: "server" | "worker"): void {
  const [pid] = stage.left(kind);
  process.kill(Number(pid), "SIGKILL");
}

function assertEqual(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`${what} is ${String(found)}, not ${String(wanted)}`);
}

function expectCode(code: number | null, wanted: readonly number[], { seen }: StageProcess): void {
  if (code === null || !wanted.includes(code)) throw new Error(`exit ${code}: ${seen.text}`);
}
