import type { Row } from "../../model/columns.ts";

/** Conditions of a network as the column `network` has them, by their words: `{ rtt: "80ms", cc: "cubic" }`. */
export type NetworkWords = Readonly<Record<string, string>>;

/** Name of the network without any condition. */
const loopback = "loopback";

/** Conditions in a value of the column `network`; none for the loopback, undefined for a target or for agents. */
export function networkWords(network: string | undefined): NetworkWords | undefined {
  if (network === loopback) return {};
  const words = (network ?? "").split(",").map((word) => word.split("="));
  return words.every(({ length }) => length === 2) ? Object.fromEntries(words) : undefined;
}

/**
 * These conditions beside those of other rows: `rtt=80ms, loss=1%`. The congestion control is left out where all have
 * the same. Empty for no condition.
 */
export function wordsText(words: NetworkWords, others: readonly Row[]): string {
  const controls = new Set(others.flatMap((other) => networkWords(other.network)?.["cc"] ?? []));
  const shown = Object.entries(words).filter(([word]) => word !== "cc" || controls.size > 1);
  return shown.map((word) => word.join("=")).join(", ");
}

/** Name of a row's network beside these others. */
export function networkTitle({ network = "an unknown network" }: Row, others: readonly Row[]): string {
  return wordsText(networkWords(network) ?? {}, others) || network;
}

/** Round-trip time in milliseconds; 0 without one. */
export function rttMsOf({ rtt = "0ms" }: NetworkWords): number {
  return Number.parseFloat(rtt);
}

/** Packets lost each way, in percent; 0 without loss. */
export function lossPercentOf({ loss = "0%" }: NetworkWords): number {
  return Number.parseFloat(loss);
}

/** Rates of a client's link in kbit/s; undefined without a limit. */
export function linkRateOf({ rate }: NetworkWords): { down: number; up: number } | undefined {
  if (rate === undefined) return undefined;
  const [down, up = down] = rate.split("/").map(kbitPerS);
  return { down: down!, up: up! };
}

function kbitPerS(text: string): number {
  return Number.parseFloat(text) * (text.endsWith("mbit") ? 1000 : 1);
}
