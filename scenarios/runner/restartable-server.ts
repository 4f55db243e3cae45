import { selfSigned } from "../lib/certificate.ts";
import type { Address } from "../contract.ts";
import type { Attendance, HostingRequest, ServerCalls, ServerState } from "../load/server-process.ts";
import { addTraffic } from "../lib/traffic-counters.ts";
import { sleepUntil } from "../lib/pace.ts";
import { rejectable, type CallArgument, type CallResult, type Child } from "../system/ipc.ts";
import type { ProcessUsage, WindowEdge } from "../system/process-usage.ts";

/**
 * A server process that can be ended and started again at the same address, as a supervisor does it. To its callers it is
 * one process: what its predecessors have used is in its counters.
 */
export class RestartableServer implements Child<ServerCalls> {
  readonly failed: Promise<never>;
  readonly ended: Promise<never>;
  private readonly start: () => Child<ServerCalls>;
  private readonly failure = rejectable();
  private readonly end = rejectable();
  private current: Child<ServerCalls>;
  private request: HostingRequest | undefined;
  private addresses: readonly Address[] = [];
  /** The last state of the predecessor, and who came and left there. */
  private before: ServerState | undefined;
  private attendance: Attendance = { joinedUs: [], leftUs: [] };
  /** Resolves when a process is there: at once, unless one is being started. */
  private ready: Promise<void> = Promise.resolve();
  /** The process whose death is meant. */
  private dismissed: Child<ServerCalls> | undefined;
  private isKilled = false;

  constructor(start: () => Child<ServerCalls>) {
    this.start = start;
    this.failed = this.failure.promise;
    this.ended = this.end.promise;
    this.current = this.watched(start());
  }

  get pid(): number {
    return this.current.pid;
  }

  private watched(child: Child<ServerCalls>): Child<ServerCalls> {
    const unlessMeant = (report: (error: Error) => void) => (error: Error) => {
      if (child !== this.dismissed) report(error);
    };
    child.failed.catch(unlessMeant(this.failure.reject));
    child.ended.catch(unlessMeant(this.end.reject));
    return child;
  }

  async call<K extends keyof ServerCalls>(
    name: K,
    argument: CallArgument<ServerCalls, K>,
  ): Promise<CallResult<ServerCalls, K>> {
    if (name === "serve") return (await this.serve(argument as HostingRequest)) as CallResult<ServerCalls, K>;
    if (name === "snapshot") return (await this.stateNow()) as CallResult<ServerCalls, K>;
    if (name === "snapshotsAt") return (await this.statesAt(argument as WindowEdge[])) as CallResult<ServerCalls, K>;
    await this.ready;
    const result = await this.current.call(name, argument);
    if (name === "attendance") return joined(this.attendance, result as Attendance) as CallResult<ServerCalls, K>;
    return result;
  }

  /** Its successors show the same certificate, which the clients trust. */
  private async serve({ options, ...request }: HostingRequest): Promise<readonly Address[]> {
    const { host, additionalHosts = [] } = options;
    const identity = options.tls && (await selfSigned([host, ...additionalHosts]));
    this.request = { ...request, options: { ...options, ...(identity && { identity }) } };
    this.addresses = await this.current.call("serve", this.request);
    return this.addresses;
  }

  private async stateNow(): Promise<ServerState> {
    await this.ready;
    const now = await this.current.call("snapshot", undefined);
    return this.before ? addStates(this.before, now) : now;
  }

  /** Asks at each edge, since nobody knows which process will be there. */
  private async statesAt(edges: readonly WindowEdge[]): Promise<ServerState[]> {
    const states: ServerState[] = [];
    for (const { timeUs } of edges) {
      await sleepUntil(timeUs);
      states.push(await this.stateNow());
    }
    return states;
  }

  /** Ends the process, as its protocol says or at once, and starts another one. Resolves when that one listens. */
  restart(how: "graceful" | "hard"): Promise<void> {
    return (this.ready = this.replace(how));
  }

  private async replace(how: "graceful" | "hard"): Promise<void> {
    const last = await this.current.call("snapshot", undefined);
    this.before = this.before ? addStates(this.before, last) : last;
    this.dismissed = this.current;
    if (how === "graceful") await this.current.call("shutDown", undefined);
    this.attendance = joined(this.attendance, await this.current.call("attendance", undefined));
    await this.current.kill();
    if (this.isKilled) throw new Error("the server was killed while it was about to start again");
    this.current = this.watched(this.start());
    const { options, ...request } = this.request!;
    const [port, ...additionalPorts] = this.addresses.map((address) => address.port);
    await this.current.call("serve", { ...request, options: { ...options, port: port!, additionalPorts } });
  }

  signal(name: NodeJS.Signals): void {
    this.current.signal(name);
  }

  async kill(): Promise<void> {
    this.isKilled = true;
    this.dismissed = this.current;
    await this.current.kill();
  }
}

function joined(one: Attendance, other: Attendance): Attendance {
  return { joinedUs: [...one.joinedUs, ...other.joinedUs], leftUs: [...one.leftUs, ...other.leftUs] };
}

/** What a process and its predecessor have counted. Memory and connections are those of the process. */
export function addStates(before: ServerState, now: ServerState): ServerState {
  return {
    ...now,
    usage: before.usage && now.usage && addUsage(before.usage, now.usage),
    traffic: before.traffic && now.traffic && addTraffic(now.traffic, before.traffic, 1),
    received: before.received + now.received,
  };
}

function addUsage(before: ProcessUsage, now: ProcessUsage): ProcessUsage {
  return {
    ...now,
    cpuUs: before.cpuUs + now.cpuUs,
    loop: { idle: before.loop.idle + now.loop.idle, active: before.loop.active + now.loop.active },
    gcUs: before.gcUs + now.gcUs,
    runDelayUs: now.runDelayUs === undefined ? undefined : now.runDelayUs + (before.runDelayUs ?? 0),
    loopDelayP99Us: Math.max(before.loopDelayP99Us, now.loopDelayP99Us),
    loopDelayMaxUs: Math.max(before.loopDelayMaxUs, now.loopDelayMaxUs),
  };
}
