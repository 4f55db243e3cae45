import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { numericEntries, readProc } from "../../../scenarios/lib/processes.ts";
import { until } from "../../../scenarios/lib/until.ts";

/** A host of a stage: where others reach it, and the words that run a command there. */
export interface StageHost {
  address: string;
  prefix: readonly string[];
}

/** Hosts on one machine, with a broker and agents as a user starts them. */
export interface Stage {
  /** The folder of result files. */
  folder: string;
  url: string;
  /** Starts an agent. Resolves when it is idle, or when it has ended with a sentence. */
  agent(name: string, options?: AgentOptions): Promise<StageProcess>;
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
}

/** A process of a stage with its output so far. */
export interface StageProcess {
  child: ChildProcess;
  seen: { text: string };
  code: Promise<number | null>;
}

const scripts = fileURLToPath(new URL("../../", import.meta.url));
const here: StageHost = { address: "127.0.0.1", prefix: [] };

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
    async agent(name, { role = "any", host = here, descriptors, project } = {}) {
      const limit = descriptors === undefined ? [] : ["prlimit", `--nofile=${descriptors}:${descriptors}`];
      const script =
        project === undefined ? node("agent.js") : [process.execPath, join(project, "dist/scripts/agent.js")];
      const words = [...host.prefix, ...limit, ...script, "--name", name, "--address", host.address, "--role", role];
      const agent = start(words, { TRANSPORT_BENCH_BROKER: url });
      await until(() => /is idle: |\.\n$/.test(agent.seen.text), `agent ${name} is there`);
      return agent;
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

/** Servers and workers of a stage that run, by their ids. */
function trialProcesses(mark: string, kind = "(server|worker)"): string[] {
  const program = new RegExp(`load/${kind}-process`);
  return numericEntries("/proc").filter(
    (pid) =>
      program.test(readProc(`/proc/${pid}/cmdline`) ?? "") &&
      readProc(`/proc/${pid}/environ`)?.includes(`BENCH_MARK=${mark}`),
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
