import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address } from "../contract.ts";
import { accepts, untilTrue } from "../lib/accepting.ts";
import { selfSigned } from "../lib/certificate.ts";
import { errorMessage } from "../lib/errors.ts";
import { startProgram, untilReady, type ExternalProgram } from "../lib/external-program.ts";
import { listeningPorts } from "../system/listening-ports.ts";
import type { NetworkNamespace } from "../system/network-namespace.ts";
import { readGroupUsage } from "../system/program-usage.ts";
import { installedVersion, printedBy, programs, proxyEnvironment, refusalIn } from "./programs.ts";
import { place, type Proxy, type ProxyRequest } from "./proxy.ts";

/** What a trial asks of its proxy. */
export interface ProxyStart extends Omit<ProxyRequest, "pem" | "folder" | "front"> {
  /** The host and the port where clients join. The port is free. */
  front: { host: string; port: number };
  /** True where clients speak TLS, and the proxy is its end. */
  tls: boolean;
  /** Where it runs. Default: beside this process. */
  namespace: NetworkNamespace | undefined;
}

/** CPU time and resident memory of all processes of a proxy so far. */
export interface ProxyUsage {
  cpuUs: number;
  rssBytes: number;
}

/** A proxy that runs. */
export interface RunningProxy {
  /** Where clients join, in place of a server. */
  address: Address;
  version: string;
  /** Rejects with a sentence when the program ends by itself; otherwise stays pending. */
  ended: Promise<never>;
  /** Undefined on systems other than Linux. */
  usage(): ProxyUsage | undefined;
  /** Lets the program read its configuration again, as an operator does after a change. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a proxy and resolves when it accepts connections. Rejects with a sentence where its program is not installed,
 * refuses its configuration, or ends.
 */
export async function startProxy(
  name: string,
  { program, configuration }: Pick<Proxy, "program" | "configuration">,
  { tls, namespace, ...request }: ProxyStart,
): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), "transport-bench-proxy-"));
  try {
    const { identity, pem } = tls ? await writeIdentity(request.front.host, folder) : {};
    const file = join(folder, `${name}.conf`);
    writeFileSync(file, configuration({ ...request, folder, pem }));
    const { check, run, reload } = programs[program];
    const inside = [...(namespace?.execPrefix ?? []), program];
    const environment = proxyEnvironment(folder);
    const version = await installedVersion(name, program);
    await printedBy([...inside, ...check(file, folder)], environment).catch((error: unknown) => {
      const { stderr = "" } = error as { stderr?: string };
      const reason = stderr.trim() === "" ? errorMessage(error) : refusalIn(stderr);
      throw new Error(`${program} refuses the configuration of ${name}: ${reason}`, { cause: error });
    });
    const running = startProgram({
      name,
      commandLine: [...inside, ...run(file, folder)],
      environment,
      ownFolder: folder,
    });
    await untilListening(running, request.front, namespace);
    return {
      address: { ...request.front, ...(identity && { certificate: identity.certificate }) },
      version,
      ended: running.ended,
      usage: () => readGroupUsage(running.group),
      async reload() {
        if (typeof reload === "string") process.kill(running.group, reload);
        else await printedBy([...inside, ...reload(file, folder)], environment);
      },
      stop: running.stop,
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** One file with the certificate and the key, as HAProxy wants them. */
async function writeIdentity(host: string, folder: string) {
  const identity = await selfSigned([host]);
  const pem = join(folder, "identity.pem");
  writeFileSync(pem, `${identity.certificate.trim()}\n${identity.key.trim()}\n`, { mode: 0o600 });
  return { identity, pem };
}

async function untilListening(
  running: ExternalProgram,
  front: ProxyStart["front"],
  namespace: NetworkNamespace | undefined,
): Promise<void> {
  const isListening = async (): Promise<boolean> =>
    namespace ? listeningPorts("/proc", namespace.pid)!.has(front.port) : accepts(front);
  await untilReady(
    running,
    (signal) => untilTrue(isListening, signal),
    (within) => `${running.name} has not accepted connections at ${place(front)} ${within}${running.lastOutput()}`,
  );
}
