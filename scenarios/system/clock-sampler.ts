import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../lib/clock.ts";
import { fitClock, type ClockSample, type FitResult } from "./clock-fit.ts";

/** Reads a clock that other hosts read as well, in microseconds. */
export type ReadReference = () => Promise<number>;

/** Reads the clock of a Redis server. `TIME` answers whole microseconds: the middle of the one that it names. */
export function redisTime({ time }: { time(): Promise<readonly [seconds: unknown, us: unknown]> }): ReadReference {
  return async () => {
    const [seconds, us] = await time();
    return 1e6 * Number(seconds) + Number(us) + 0.5;
  };
}

/** The relation of this host's clock to a reference clock, which is read all the time. */
export interface ClockSampler {
  /**
   * The line through all samples since the last step, or through those from the own time `fromUs` on. After a step the
   * samples before it are left out, so that a later fit can succeed.
   */
  fit(fromUs?: number): FitResult;
  stop(): void;
}

/** Time between two readings in milliseconds: four a second. */
const readingMs = 250;
/** Most samples that are kept: those of ten minutes. */
const mostSamples = 2 * 4 * 600;

/**
 * Reads the reference clock until it is stopped. It runs in a process that has little else to do, not in one that loads.
 * Each time it reads twice: the first reading also wakes the CPU up, and the second one is quicker.
 */
export function sampleClock(readReference: ReadReference): ClockSampler {
  let samples: ClockSample[] = [];
  const stopping = new AbortController();
  const sampleOnce = async (): Promise<void> => {
    const beforeUs = nowUs();
    const referenceUs = await readReference();
    samples.push({ beforeUs, referenceUs, afterUs: nowUs() });
  };
  const sampleAll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sampleOnce()
        .then(sampleOnce)
        .catch(() => undefined); // a reference that does not answer gives no sample
      if (samples.length > mostSamples) samples = samples.slice(-mostSamples / 2);
      await delay(readingMs, undefined, { ref: false });
    }
  };
  void sampleAll();
  return {
    fit(fromUs = -Infinity) {
      const found = fitClock(samples.filter(({ beforeUs }) => beforeUs >= fromUs));
      if (found.state === "stepped") samples = samples.filter(({ beforeUs }) => beforeUs >= found.atUs);
      return found;
    },
    stop() {
      stopping.abort();
    },
  };
}
