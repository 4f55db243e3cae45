import { setTimeout as delay } from "node:timers/promises";
import { offsetAt, type ClockFit } from "../system/clock-fit.ts";
import { errorBetween, errorOfWindow, relate, sameClock, type UsedClock } from "../system/clock-relation.ts";
import { redisTime, sampleClock, type ClockSampler, type SampledFit } from "../system/clock-sampler.ts";
import type { AgentHost } from "./agent-host.ts";
import { clockId } from "./description.ts";
import type { Engine } from "./engine.ts";

/** The clocks of the hosts of a run, all compared with that of the broker. The bench reads it only where they differ. */
export class GangClocks {
  private sampler: ClockSampler | undefined;
  /** The clock of this process over that of the broker, as `set` found it. */
  private benchFit: ClockFit | undefined;
  private readonly engine: Pick<Engine, "broker" | "client">;

  constructor(engine: Pick<Engine, "broker" | "client">) {
    this.engine = engine;
  }

  /** Gives each host the relation of its clock to that of this process. Rejects where a clock is not in order. */
  async set(hosts: readonly AgentHost[], signal: AbortSignal): Promise<void> {
    const others = hostsOfOtherClocks(hosts);
    if (others.length === 0) return;
    this.sampler ??= sampleClock(redisTime({ time: () => this.engine.client.time() }));
    const bench = await fitted("the clock of the bench", () => this.sampler!.fit(), signal);
    for (const host of others)
      host.useClock(await fitted(`the clock of agent ${host.name}`, () => host.readClock(), signal), bench);
    this.benchFit = bench;
  }

  /** Most by which a time from one host to another can be wrong `laterUs` after `set`. */
  errorUs(hosts: readonly AgentHost[], laterUs: number): number {
    const { benchFit } = this;
    if (!benchFit) return 0;
    const others = hosts.filter(({ clockFit }) => clockFit !== undefined).map(({ clock }) => clock);
    const ofBench = others.length < hosts.length ? [relate(benchFit, benchFit)] : [];
    return errorBetween([...others, ...ofBench], laterUs);
  }

  /** The clocks in a window that is over. Undefined where all processes had one clock. */
  async ofWindow(
    hosts: readonly AgentHost[],
    { t0Us, t1Us }: { t0Us: number; t1Us: number },
    signal: AbortSignal,
  ): Promise<{ hosts: number; errorUs: number } | undefined> {
    const { benchFit: before, sampler } = this;
    const others = hostsOfOtherClocks(hosts);
    if (others.length === 0 || !before || !sampler) return undefined;
    // The clock of the bench is monotonic: where it seems to step, the broker's was set, and all agents seem to step too.
    const name = `the clock of the broker at ${this.engine.broker}`;
    const bench = await fitted(name, () => sampler.fit(before.fromUs), signal, before.toUs);
    const clocks: UsedClock[] = [];
    for (const host of others) clocks.push(await usedClock(host, bench, { t0Us, t1Us }, signal));
    if (others.length < hosts.length)
      clocks.push({ used: sameClock, found: { ...sameClock, ownErrorUs: bench.errorUs }, t0Us, t1Us });
    return clocks.length > 1 ? { hosts: hosts.length, errorUs: errorOfWindow(clocks) } : undefined;
  }

  stop(): void {
    this.sampler?.stop();
  }
}

/** The clock that a host had in a window, from samples that begin before the trial. */
async function usedClock(
  host: AgentHost,
  bench: ClockFit,
  { t0Us, t1Us }: { t0Us: number; t1Us: number },
  signal: AbortSignal,
): Promise<UsedClock> {
  const { clock: used, clockFit: before } = host;
  const read = (): Promise<SampledFit> => host.readClock({ fromUs: before!.fromUs });
  const found = await fitted(`the clock of agent ${host.name}`, read, signal, before!.toUs);
  const own = (benchUs: number): number => benchUs - offsetAt(used, benchUs - used.offsetUs);
  return { used, found: relate(found, bench), t0Us: own(t0Us), t1Us: own(t1Us) };
}

/** The hosts that do not read the clock of this process. */
function hostsOfOtherClocks(hosts: readonly AgentHost[]): AgentHost[] {
  const own = clockId();
  return hosts.filter(({ description: { clock } }) => clock === null || clock !== own);
}

/** Milliseconds until a clock must have been watched for long enough, and between two looks. */
const [fitMs, lookMs] = [30_000, 250];

/**
 * Waits until a clock is known. Rejects with a sentence that begins with `name` where it runs wrong, or was set after
 * its own time `sinceUs`.
 */
async function fitted(
  name: string,
  read: () => SampledFit | Promise<SampledFit>,
  signal: AbortSignal,
  sinceUs = Infinity,
): Promise<ClockFit> {
  const deadlineMs = performance.now() + fitMs;
  for (;;) {
    const found = await read();
    const { lastStep } = found;
    if (lastStep && lastStep.atUs > sinceUs)
      throw new Error(`${name} stepped by ${Math.round(Math.abs(lastStep.byUs))} us during the trial: run it again`);
    if (found.state === "fitted") return found;
    if (found.state === "unsteady") throw new Error(`${name} runs ${Math.round(found.ppm)} ppm wrong`);
    if (performance.now() > deadlineMs)
      throw new Error(
        `${name} was not known after ${fitMs / 1000} s${lastStep ? ", since it was set again and again" : ""}`,
      );
    await delay(lookMs, undefined, { signal });
  }
}
