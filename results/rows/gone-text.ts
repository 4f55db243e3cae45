import type { GoneMeasurement } from "../model/measurement.ts";

/** A trial as a sentence about its clients needs it. */
export interface GoneContext {
  clients: number;
  /** Length of the window in seconds. */
  durationS: number;
}

/** Number of clients over all reasons. */
export function countGone(reasons: ReadonlyMap<string, number>): number {
  return [...reasons.values()].reduce((sum, each) => sum + each, 0);
}

/** Reasons that a sentence lists; rarer ones are only counted. */
const maxListed = 5;

/** Reasons with their numbers, the most frequent first: `ECONNRESET (7 times), ECONNREFUSED (1 times)`. */
export function reasonsText(reasons: ReadonlyMap<string, number>): string {
  const all = [...reasons].toSorted(([, one], [, other]) => other - one);
  const listed = all.slice(0, maxListed).map(([reason, times]) => `${reason} (${times} times)`);
  const more = all.length > maxListed ? ` and ${all.length - maxListed} other reasons` : "";
  return `${listed.join(", ")}${more}`;
}

/** A clause about the clients that were not let in, with what was answered. */
export function refusedText(gone: GoneMeasurement, { clients }: GoneContext): string {
  const count = countGone(gone.refused);
  const hint = countGone(gone.dropped) === 0 ? unknownSessionText(gone) : "";
  return `${ofClients(count, clients)} ${count === 1 ? "was" : "were"} refused: ${causesText(gone.refused)}${hint}`;
}

/** A clause about the clients that lost their connection: how many, when and why. */
export function droppedText(gone: GoneMeasurement, context: GoneContext): string {
  const count = countGone(gone.dropped);
  const lost = `${ofClients(count, context.clients)} lost ${count === 1 ? "its" : "their"} connection`;
  const when = whenText(gone.droppedAtS, context.durationS);
  return `${lost}${when}: ${causesText(gone.dropped)}${unknownSessionText(gone)}${silenceText(gone)}`;
}

function ofClients(count: number, clients: number): string {
  return `${count.toLocaleString("en")} of ${clients.toLocaleString("en")} clients`;
}

/** A single reason needs no number. */
function causesText(reasons: ReadonlyMap<string, number>): string {
  return reasons.size === 1 ? [...reasons.keys()][0]! : reasonsText(reasons);
}

/** When connections ended; in parentheses where they ended in several phases. */
function whenText(atS: readonly number[], durationS: number): string {
  const within = atS.filter((s) => s >= 0 && s < durationS);
  const parts = [
    { count: atS.filter((s) => s < 0).length, text: "before the window" },
    { count: within.length, text: withinText(within) },
    { count: atS.filter((s) => s >= durationS).length, text: "after the window" },
  ].filter(({ count }) => count > 0);
  if (parts.length < 2) return parts.map(({ text }) => ` ${text}`).join("");
  return ` (${parts.map(({ count, text }) => `${count} ${text}`).join(", ")})`;
}

function withinText(atS: readonly number[]): string {
  const [from, to] = [atS[0], atS.at(-1)].map((s = 0) => s.toFixed(1));
  return from === to ? `at second ${from} of the window` : `between seconds ${from} and ${to} of the window`;
}

function unknownSessionText({ unknownSessions }: GoneMeasurement): string {
  if (unknownSessions === 0) return "";
  return (
    `; ${unknownSessions.toLocaleString("en")} had a session that was opened and was not known at a later request, as behind a balancer ` +
    "without sticky sessions"
  );
}

function silenceText({ silence }: GoneMeasurement): string {
  if (!silence) return "";
  const seconds = `${Number(silence.seconds.toPrecision(2))} s`;
  return `; ${silence.clients.toLocaleString("en")} after ${seconds} without a message, as if the server or a proxy closes a connection that is silent for ${seconds}`;
}
