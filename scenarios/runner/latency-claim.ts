import type { ClockMeasurement } from "../../results/model/measurement.ts";
import type { ClientClocks } from "../contract.ts";
import type { Settings } from "../definitions/settings.ts";

/** The clocks of a trial over several hosts, as its runner knows them. */
export type ClockReport = Pick<ClockMeasurement, "hosts" | "pages" | "errorUs">;

/** What decides of which deliveries the latency of a row may be. */
interface ClaimInput {
  /** Undefined where all processes had one clock. */
  clock: ClockReport | undefined;
  /** Median latency of the observers, or of everybody where there are none. NaN without a delivery. */
  observersP50Us: number;
  /** True if each message goes back to its sender, which needs no second clock. */
  isEcho: boolean;
  /** True if one worker has all senders and some receivers. */
  hasSenderWorker: boolean;
}

/** An error below this is no matter for any latency. */
const smallUs = 100;
/** Largest error as a share of the median. */
const largestShare = 0.1;

/**
 * The deliveries that the latency of a row may be of: all where their error is small, else those between clients of one
 * process, which has one clock, whatever the offset. A latency is never corrected by what others show. Pure.
 */
export function latencyClaim({
  clock,
  observersP50Us,
  isEcho,
  hasSenderWorker,
}: ClaimInput): ClockMeasurement["latencyOf"] {
  if (!clock || (isEcho && !clock.pages)) return "all"; // a message of a page is due by the clock of its worker
  const smallShareUs = Number.isNaN(observersP50Us) ? 0 : largestShare * observersP50Us;
  if (clock.errorUs <= Math.max(smallUs, smallShareUs)) return "all"; // false for an unknown error
  return hasSenderWorker && !clock.pages ? "one host" : "none";
}

/** The clocks of a trial: those of its hosts and those of its pages, whose errors may add up. Undefined for one clock. */
export function allClocks(
  ofHosts: ClockReport | undefined,
  ofPages: readonly (ClientClocks | undefined)[],
): ClockReport | undefined {
  const known = ofPages.filter((each) => each !== undefined);
  if (known.length === 0) return ofHosts;
  return {
    hosts: ofHosts?.hosts ?? 1,
    pages: known.reduce((sum, { pages }) => sum + pages, 0),
    errorUs: (ofHosts?.errorUs ?? 0) + Math.max(...known.map(({ errorUs }) => errorUs)),
  };
}

/** True where every message goes back to its sender alone. */
export function isEchoed({ app, connectPerMessage, senderSide = "clients", rooms, clients }: Settings): boolean {
  if (connectPerMessage || app === "echo") return true;
  return app === "chat" && senderSide === "clients" && rooms === clients;
}
