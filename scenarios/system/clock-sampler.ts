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

/** A clock that was set: the own time after it, and by how much the reference then showed more. */
export interface ClockStep {
  atUs: number;
  byUs: number;
}

/** A fit, and the last step that any fit of these readings has found. Plain data. */
export type SampledFit = FitResult & { lastStep?: ClockStep };

/** The relation of this host's clock to a reference clock, which is read all the time. */
export interface ClockSampler {
  /**
   * The line through the samples since the last step, from the own time `fromUs` on. Default: those of the last five
   * minutes. After a step the samples before it are left out, so that a later fit can succeed.
   */
  fit(fromUs?: number): SampledFit;
  stop(): void;
}

/** Time between two readings in milliseconds: four a second. */
const readingMs = 250;
/** Length of time of which a fit has the samples unless it is given a begin, in microseconds. */
const recentUs = 300e6;
/** Most samples that are kept, one of each second: those of four hours. */
const mostSamples = 4 * 3_600;

const roundTripUs = ({ beforeUs, afterUs }: ClockSample): number => afterUs - beforeUs;
const secondOf = ({ beforeUs }: ClockSample): number => Math.floor(beforeUs / 1e6);

/** Adds a sample to those of earlier seconds. Of each second the quickest one is kept, and of all only the last `most`. */
export function keepQuickest(samples: ClockSample[], sample: ClockSample, most = mostSamples): void {
  const last = samples.at(-1);
  if (!last || secondOf(last) !== secondOf(sample)) samples.push(sample);
  else if (roundTripUs(sample) < roundTripUs(last)) samples[samples.length - 1] = sample;
  if (samples.length > most) samples.splice(0, samples.length - most);
}

/**
 * Reads the reference clock until it is stopped. It runs in a process that has little else to do, not in one that loads.
 * Each time it reads twice: the first reading also wakes the CPU up, and the second one is quicker.
 */
export function sampleClock(readReference: ReadReference): ClockSampler {
  const samples: ClockSample[] = [];
  let lastStep: ClockStep | undefined;
  const stopping = new AbortController();
  const sampleOnce = async (): Promise<void> => {
    const beforeUs = nowUs();
    const referenceUs = await readReference();
    keepQuickest(samples, { beforeUs, referenceUs, afterUs: nowUs() });
  };
  const sampleAll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sampleOnce()
        .then(sampleOnce)
        .catch(() => undefined); // a reference that does not answer gives no sample
      await delay(readingMs, undefined, { ref: false });
    }
  };
  void sampleAll();
  return {
    fit(fromUs = nowUs() - recentUs) {
      const found = fitClock(samples.filter(({ beforeUs }) => beforeUs >= fromUs));
      if (found.state === "stepped") {
        lastStep = { atUs: found.atUs, byUs: found.byUs };
        samples.splice(
          0,
          samples.findIndex(({ afterUs }) => afterUs >= found.atUs),
        );
      }
      return { ...found, ...(lastStep && { lastStep }) };
    },
    stop() {
      stopping.abort();
    },
  };
}
