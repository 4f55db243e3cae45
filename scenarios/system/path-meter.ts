import { createHistogram } from "../../results/statistics/histogram.ts";
import { nowUs } from "../lib/clock.ts";

/** What the process that is a path used so far, and how late it was. */
export interface PathUsage {
  atUs: number;
  cpuUs: number;
  /** 99th percentile of the time by which packets left too late, since the previous reading. */
  lateP99Us: number;
}

/** Meter of the process that is a path. */
export class PathMeter {
  private late = createHistogram();

  /** Counts a packet that left so late. */
  left(lateUs: number): void {
    this.late.recordValue(Math.round(lateUs));
  }

  read(): PathUsage {
    const { user, system } = process.cpuUsage();
    const lateP99Us = this.late.totalCount > 0 ? this.late.getValueAtPercentile(99) : 0;
    this.late = createHistogram();
    return { atUs: nowUs(), cpuUs: user + system, lateP99Us };
  }
}
