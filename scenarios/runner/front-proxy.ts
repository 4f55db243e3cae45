import type { Address } from "../contract.ts";
import type { ProxyPlan } from "../definitions/proxy-plan.ts";
import { freePort } from "../lib/free-port.ts";
import { sleepUntil } from "../lib/pace.ts";
import { proxies } from "../proxies.ts";
import { startProxy, type ProxyUsage, type RunningProxy } from "../proxies/start-proxy.ts";
import { rejectable } from "../system/ipc.ts";
import type { NetworkNamespace } from "../system/network-namespace.ts";

/** The reverse proxy of a trial. Clients join it in place of the servers. */
export class FrontProxy {
  /** Stays pending: the proxy reports nothing. */
  readonly failed = new Promise<never>(() => undefined);
  /** Rejects with a sentence when its program ends by itself; otherwise stays pending. */
  readonly ended: Promise<never>;
  private readonly end = rejectable();
  private readonly plan: ProxyPlan;
  private readonly namespace: NetworkNamespace | undefined;
  private running: RunningProxy | undefined;

  /** It runs in this namespace, or beside this process. */
  constructor(plan: ProxyPlan, namespace: NetworkNamespace | undefined) {
    this.plan = plan;
    this.namespace = namespace;
    this.ended = this.end.promise;
  }

  /** Starts it in front of these servers. Resolves to the address that clients join in place of each. */
  async start(servers: readonly (readonly Address[])[]): Promise<Address[][]> {
    const { name, ...request } = this.plan;
    const { host } = servers[0]![0]!;
    const port = await portBeside(new Set(servers.flat().map((each) => each.port)));
    this.running = await startProxy(name, proxies[name], {
      ...request,
      front: { host, port },
      servers: servers.flat(),
      namespace: this.namespace,
    });
    this.running.ended.catch(this.end.reject);
    const inFront = { ...servers[0]![0]!, ...this.running.address };
    return servers.map(() => [inFront]);
  }

  /** True from the moment at which clients can join. */
  get isRunning(): boolean {
    return this.running !== undefined;
  }

  get version(): string {
    return this.running!.version;
  }

  usage(): ProxyUsage | undefined {
    return this.running?.usage();
  }

  /** The usage at each of these times, on the host's clock. */
  async usagesAt(timesUs: readonly number[]): Promise<(ProxyUsage | undefined)[]> {
    const usages: (ProxyUsage | undefined)[] = [];
    for (const timeUs of timesUs) {
      await sleepUntil(timeUs);
      usages.push(this.usage());
    }
    return usages;
  }

  async reload(): Promise<void> {
    await this.running!.reload();
  }

  async stop(): Promise<void> {
    await this.running?.stop();
  }
}

/** A port that is free on this machine, and that no server has in a network of its own. */
async function portBeside(taken: ReadonlySet<number>): Promise<number> {
  const port = await freePort();
  return taken.has(port) ? portBeside(taken) : port;
}
