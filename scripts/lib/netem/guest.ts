import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { parseNetworks } from "../../../scenarios/definitions/network.ts";
import { errorMessage } from "../../../scenarios/lib/errors.ts";
import { clientHost, serverHost } from "../../../scenarios/lib/network-conditions.ts";
import { openNetwork } from "../../../scenarios/system/trial-network.ts";
import {
  benchNetwork,
  benchTransports,
  guestMark,
  observedNetworks,
  type GuestReport,
  type PingReport,
} from "./guest-report.ts";

/*
 * Runs inside the virtual machine, and prints reports as lines: what `ping` sees of paths by netem and what these count,
 * and then the rows of the bench.
 */

const run = promisify(execFile);
/** Echoes for each path, and the time between two of them. */
const [pings, intervalS] = [200, 0.02];
const resultFile = "/tmp/out.csv";

function report(line: GuestReport): void {
  console.log(guestMark + JSON.stringify(line));
}

/** Sends echoes from a client to the servers' end of a path, by a program that knows nothing of us. */
async function observe(text: string): Promise<PingReport> {
  const { conditions } = parseNetworks("--network", text)[0]!;
  const network = await openNetwork({ conditions, by: "netem", clients: 1, seed: 1 });
  try {
    const [program, ...words] = network.sides!.clients.execPrefix;
    const ping = ["ping", "-q", "-c", `${pings}`, "-i", `${intervalS}`, "-I", clientHost(0), serverHost()];
    const { stdout } = await run(program!, [...words, ...ping]).catch((error: { stdout: string }) => error);
    const [, sent, back] = /(\d+) packets transmitted, (\d+) packets received/.exec(stdout) ?? [];
    const [, shortestMs, meanMs] = /min\/avg\/max = ([\d.]+)\/([\d.]+)/.exec(stdout) ?? [];
    const { offered, lost, dropped } = await network.state();
    const counted = { offered, lost, dropped };
    return {
      text,
      sent: Number(sent),
      back: Number(back),
      shortestMs: Number(shortestMs),
      meanMs: Number(meanMs),
      counted,
    };
  } finally {
    await network.close();
  }
}

/** Runs the bench as a user would. The rows that it has written. */
async function bench(): Promise<string> {
  const load = ["--transports", benchTransports.join(), "--network", benchNetwork, "--network-by", "netem"];
  const rest = "--scenario echo --clients 5 --rate 25 --warmup 1s --duration 3s --out".split(" ");
  const child = spawn(process.execPath, ["dist/scripts/bench.js", ...load, ...rest, resultFile], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.pipe(process.stdout, { end: false });
  await once(child, "close");
  return readFileSync(resultFile, "utf8");
}

try {
  for (const text of observedNetworks) report({ kind: "ping", ping: await observe(text) });
  report({ kind: "rows", csv: await bench() });
} catch (error) {
  report({ kind: "failed", reason: errorMessage(error) });
}
