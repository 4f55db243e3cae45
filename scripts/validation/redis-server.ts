import { spawn } from "node:child_process";
import { once } from "node:events";
import { UserError } from "../../scenarios/lib/errors.ts";
import { freePort } from "../../scenarios/lib/free-port.ts";

/** A Redis server of this command alone: in memory, without a file. */
export interface RedisServer {
  host: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

/** Starts redis-server and waits until it accepts. Throws a UserError, one sentence, where it is not installed. */
export async function startRedis(host = "127.0.0.1", args: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort(host);
  const fixed = ["--port", String(port), "--bind", host, "--save", "", "--appendonly", "no", "--protected-mode", "no"];
  const child = spawn("redis-server", [...fixed, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  const ready = new Promise<void>((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new UserError("This needs redis-server: apt-get install redis-server installs it.", { cause })),
    );
    child.once("exit", () => reject(new Error(`redis-server ended: ${output}`)));
    child.stdout.on("data", (chunk) => {
      output += String(chunk);
      if (/Ready to accept connections/.test(output)) resolve();
    });
  });
  await ready;
  const exited = once(child, "exit");
  return {
    host,
    port,
    pid: child.pid!,
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
