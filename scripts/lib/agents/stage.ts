import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { freePort } from "../../../scenarios/lib/free-port.ts";
import { numericEntries, readProc } from "../../../scenarios/lib/processes.ts";
import { until } from "../../../scenarios/lib/until.ts";

/** A host of a stage: where others reach it, and the words that run a command there. */
export interface StageHost {
  address: string;
  prefix: readonly string[];
  /** Environment of its processes besides that of this one. Default: nothing. */
  env?: NodeJS.ProcessEnv;
  /** The time of this machine's clock at a time of the host's own clock, in microseconds. Default: they are the same. */
  machineUs?: (ownUs: number) => number;
}

/** Hosts of a proof: one for the servers, two for clients. */
export interface ProofHosts {
  server: StageHost;
  clients: readonly [StageHost, StageHost];
}

/** Hosts on one machine, with a broker and agents as a user starts them. */
export interface Stage {
  /** The folder of result files. */
  folder: string;
  url: string;
  /** Starts an agent. Resolves when it is idle, or when it has ended with a sentence. */
  agent(name: string, options?: AgentOptions): Promise<StageProcess>;
  /** Opens another way to the broker, where the broker is. */
  relay(): Promise<BrokerRelay>;
  /** Runs the bench where the broker is. */
  bench(out: string, args: readonly string[], env?: NodeJS.ProcessEnv): StageProcess;
  /** The rows that `bench` has written. */
  rows(out: string): Record<string, string>[];
  /** The JSON beside them. */
  record(out: string): Record<string, unknown>;
  broker: ChildProcess;
  /** Asks the broker something. */
  ask(...words: string[]): string;
  /** Processes of trials that are left on any host. */
  left(kind?: "server" | "worker"): string[];
  /** Ends everything. */
  end(): void;
}

/** How an agent of a stage differs from a plain one. */
export interface AgentOptions {
  role?: string;
  host?: StageHost;
  /** Bound of open files of its processes. Default: that of this process. */
  descriptors?: number;
  /** Folder whose compiled project it runs. Default: this one. */
  project?: string;
  /** URL of the broker for it. Default: that of the stage. */
  url?: string;
  /** Options of Node. Default: none. */
  nodeOptions?: readonly string[];
  /** Folder of modules. Default: none. */
  modules?: string;
}

/** A way to the broker that can be slow, and that can show another time. */
export interface BrokerRelay {
  url: string;
  /** "delay MS": answers come so much later. "step US": the broker's clock shows so much more. Resolves when it holds. */
  command(text: `delay ${number}` | `step ${number}`): Promise<void>;
}

/** A process of a stage with its output so far. */
export interface StageProcess {
  child: ChildProcess;
  seen: { text: string };
  code: Promise<number | null>;
}

const scripts = fileURLToPath(new URL("../../", import.meta.url));
const relayProcess = fileURLToPath(new URL("./broker-relay-process.js", import.meta.url));
const here: StageHost = { address: "127.0.0.1", prefix: [] };

/** Milliseconds in which an agent must be there, on a machine that has much else to do. */
const agentMs = 30_000;

/** True if a redis-server can be started here. */
export function hasRedis(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

/** Opens a stage: a broker on `hub`, and a folder for results. Default: all on loopback. */
export async function openStage(hub: StageHost = here): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "agents-"));
  const mark = `stage-${process.pid}-${Date.now()}`;
  const port = await freePort();
  const url = `redis://${hub.address}:${port}`;
  const started = new Set<StageProcess>();
  const start = (command: readonly string[], env: NodeJS.ProcessEnv = {}): StageProcess => {
    const [program, ...args] = command;
    const child = spawn(program!, args, {
      cwd: folder,
      env: { ...process.env, INIT_CWD: folder, BENCH_MARK: mark, ...env },
    });
    const seen = { text: "" };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (seen.text += String(chunk)));
    const code = new Promise<number | null>((resolve) => child.once("close", (exit) => resolve(exit)));
    const one = { child, seen, code };
    started.add(one);
    return one;
  };
  const redis = ["redis-server", "--port", String(port), "--bind", hub.address, "--save", "", "--protected-mode", "no"];
  const broker = start([...hub.prefix, ...redis]);
  await until(
    () => broker.seen.text.includes("Ready to accept"),
    () => `the broker starts: ${broker.seen.text}`,
  );
  const node = (script: string): string[] => [process.execPath, join(scripts, script)];
  return {
    folder,
    url,
    broker: broker.child,
    async agent(name, options = {}) {
      const { host = here } = options;
      const words = [...host.prefix, ...agentCommand(name, host.address, options)];
      const agent = start(words, { ...host.env, TRANSPORT_BENCH_BROKER: options.url ?? url });
      await until(() => /is idle: |\.\n$/.test(agent.seen.text), `agent ${name} is there`, agentMs);
      return agent;
    },
    async relay() {
      const { child, seen } = start([...hub.prefix, process.execPath, relayProcess, hub.address, String(port)]);
      await until(() => seen.text.includes("\n"), "the relay listens");
      return {
        url: `redis://${hub.address}:${seen.text.trim()}`,
        async command(text) {
          child.stdin!.write(`${text}\n`);
          await until(() => seen.text.includes(`${text}: done`), `the relay does ${text}`);
        },
      };
    },
    bench: (out, args, env) =>
      start([...hub.prefix, ...node("bench.js"), ...args, "--force", "--out", out], {
        TRANSPORT_BENCH_BROKER: url,
        ...env,
      }),
    rows: (out) => parse(readFileSync(join(folder, out)), { columns: true }),
    record: (out) =>
      JSON.parse(readFileSync(join(folder, out.replace(".csv", ".json")), "utf8")) as Record<string, unknown>,
    ask(...words) {
      const [program, ...args] = [...hub.prefix, "redis-cli", "-h", hub.address, "-p", String(port), ...words];
      return spawnSync(program!, args, { encoding: "utf8" }).stdout.trim();
    },
    left: (kind) => trialProcesses(mark, kind),
    end() {
      for (const { child } of started) {
        child.kill("SIGCONT");
        child.kill("SIGKILL");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The command line of an agent. */
function agentCommand(
  name: string,
  address: string,
  { role = "any", descriptors, project, nodeOptions = [], modules }: AgentOptions,
): string[] {
  const limit = descriptors === undefined ? [] : ["prlimit", `--nofile=${descriptors}:${descriptors}`];
  const script = project === undefined ? join(scripts, "agent.js") : join(project, "dist/scripts/agent.js");
  const more = modules === undefined ? [] : ["--modules", modules];
  const words = [script, "--name", name, "--address", address, "--role", role, ...more];
  return [...limit, process.execPath, ...nodeOptions, ...words];
}

/** Servers and workers of a stage that run, by their ids. */
function trialProcesses(mark: string, kind = "(server|worker)"): string[] {
  const program = new RegExp(`load/${kind}-process`);
  return numericEntries("/proc").filter(
    (pid) =>
      program.test(readProc(`/proc/${pid}/cmdline`) ?? "") &&
      readProc(`/proc/${pid}/environ`)?.includes(`BENCH_MARK=${mark}`),
  );
}
