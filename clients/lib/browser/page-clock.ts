import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../../../scenarios/lib/clock.ts";

/** One look at the clock of a page: what it showed, and what the clock of this process showed before and after. */
export interface ClockProbe {
  beforeUs: number;
  pageUs: number;
  afterUs: number;
}

/** Least and most that the clock of this process is ahead of that of a page, in microseconds. */
export interface OffsetBounds {
  leastUs: number;
  mostUs: number;
}

/**
 * The bounds that all of these probes agree on. A page shows the last multiple of `stepUs`, so its clock may be ahead of
 * what it shows by as much. Where probes contradict each other, one of the clocks was set, and the bounds are as wide as
 * all of them together. Pure.
 */
export function offsetBounds(probes: readonly ClockProbe[], stepUs: number): OffsetBounds {
  const least = probes.map(({ beforeUs, pageUs }) => beforeUs - pageUs - stepUs);
  const most = probes.map(({ afterUs, pageUs }) => afterUs - pageUs);
  const [leastUs, mostUs] = [Math.max(...least), Math.min(...most)];
  return leastUs <= mostUs ? { leastUs, mostUs } : { leastUs: Math.min(...least), mostUs: Math.max(...most) };
}

/** The offset that is wrong by least. */
export function middleOf({ leastUs, mostUs }: OffsetBounds): number {
  return (leastUs + mostUs) / 2;
}

/** Most by which this offset is wrong if the bounds are right. */
export function errorOf(offsetUs: number, { leastUs, mostUs }: OffsetBounds): number {
  return Math.max(offsetUs - leastUs, mostUs - offsetUs);
}

/** Looks at a clock, so many at least and at most: enough that one way there and one way back are fast. */
const [leastProbes, mostProbes] = [20, 100];
/** Error in microseconds at which the least are enough. */
const smallErrorUs = 50;

/** The clock of one page, as this process knows it. */
export class PageClock {
  private readonly read: () => Promise<number>;
  private readonly stepUs: number;
  private offsetUs = NaN;
  private worstUs = 0;
  private isUsed = false;

  /** `read` resolves to what the clock of the page shows, in milliseconds. It shows multiples of `stepUs`. */
  constructor(read: () => Promise<number>, stepUs: number) {
    this.read = read;
    this.stepUs = stepUs;
  }

  /** Most by which a time was wrong so far, in microseconds. */
  get errorUs(): number {
    return this.worstUs;
  }

  /** The time of this process at which the page showed so many milliseconds. From the first call on, the offset stays. */
  timeOf(pageMs: number): number {
    this.isUsed = true;
    return pageMs * 1000 + this.offsetUs;
  }

  /** Compares the clocks. The last comparison before the first `timeOf` is the one that times are converted by. */
  async compare(): Promise<void> {
    const seen: ClockProbe[] = [];
    let bounds = { leastUs: -Infinity, mostUs: Infinity };
    const isEnough = (): boolean => seen.length >= leastProbes && bounds.mostUs - bounds.leastUs <= 2 * smallErrorUs;
    while (seen.length < mostProbes && !isEnough()) {
      const beforeUs = nowUs();
      const pageUs = 1000 * (await this.read());
      seen.push({ beforeUs, pageUs, afterUs: nowUs() });
      bounds = offsetBounds(seen, this.stepUs);
      if (seen.length % leastProbes === 0) await delay(1);
    }
    if (!this.isUsed) this.offsetUs = middleOf(bounds);
    const errorUs = errorOf(this.offsetUs, bounds);
    this.worstUs = this.isUsed ? Math.max(this.worstUs, errorUs) : errorUs;
  }
}
