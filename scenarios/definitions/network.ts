import { didYouMean, excerpt, UserError } from "../lib/errors.ts";
import type { NetworkBackend, NetworkConditions } from "../lib/network-conditions.ts";
import { usualCongestionControl } from "../system/procfs.ts";
import { networkProfiles, type NetworkName } from "./network-profiles.ts";

/** The network of a trial between its clients and its servers. Plain JSON. */
export interface Network {
  /** The conditions in the form in which rows of the same network agree. */
  text: string;
  /** As the user wrote it, for labels. */
  title: string;
  conditions: NetworkConditions;
  /** What makes the network. Default: not chosen yet. */
  by?: NetworkBackend;
}

/** What makes a network: the emulator where nothing was chosen. */
export function backendOf({ by = "tun" }: Network): NetworkBackend {
  return by;
}

/** The network of a trial without a path: clients and servers share a loopback. */
export const loopbackName = "loopback";

const words = ["rtt", "jitter", "loss", "rate", "queue", "cc"] as const;
type Word = (typeof words)[number];

const [longestRttMs, highestLoss, longestQueueMs] = [10_000, 0.5, 10_000];
const [lowestRate, highestRate] = [8e3, 10e9];
const bitsPerUnit: Record<string, number> = { kbit: 1e3, mbit: 1e6, gbit: 1e9 };
/** Milliseconds in the queue unless the user says so, and bits that fit in any case: ten full packets. */
const [usualQueueMs, leastQueueBits] = [100, 10 * 1500 * 8];

/**
 * The networks that a text names, such as `4g` or `rtt=80ms,loss=1%`. A name begins a network, and what follows changes
 * it: `3g,4g,loss=1%` are two. Undefined stands for the loopback, which nothing changes. `usual` is the machine's congestion control. Throws a
 * UserError, one sentence.
 */
export function parseNetworks(flag: string, text: string, usual = usualCongestionControl()): (Network | undefined)[] {
  const groups: string[][] = [];
  for (const part of text.split(",").map((each) => each.trim())) {
    if (part === "") throw new UserError(`${flag} "${excerpt(text)}" has an empty part: remove a comma.`);
    if (!part.includes("=") || groups.length === 0 || groups.at(-1)![0] === loopbackName) groups.push([part]);
    else groups.at(-1)!.push(part);
  }
  return groups.map((parts) => parseNetwork(flag, parts, usual));
}

function parseNetwork(flag: string, parts: readonly string[], usual: string): Network | undefined {
  const [first] = parts as [string];
  if (first === loopbackName) return undefined;
  const named = first.includes("=") ? undefined : profileNamed(flag, first);
  const given = readWords(flag, named === undefined ? parts : parts.slice(1));
  const inherited = named === undefined ? {} : readWords(flag, networkProfiles[named].conditions.split(","));
  const conditions = conditionsOf(flag, { ...inherited, ...given }, usual);
  return { text: canonicalText(conditions), title: parts.join(), conditions };
}

function profileNamed(flag: string, name: string): NetworkName {
  if (Object.hasOwn(networkProfiles, name)) return name as NetworkName;
  const shown = excerpt(name);
  if (words.includes(name as Word)) throw new UserError(`${flag} "${shown}" has no value: write it as in ${example}.`);
  throw new UserError(
    `${flag} "${shown}" is neither a network nor a condition such as ${example}.` +
      didYouMean(shown, [...Object.keys(networkProfiles), loopbackName]),
  );
}

const example = "rtt=80ms,jitter=10ms,loss=1%,rate=10mbit/2mbit,queue=100ms,cc=cubic";

/** The words of a network with their values. Throws a UserError for an unknown word and for one that is there twice. */
function readWords(flag: string, parts: readonly string[]): Partial<Record<Word, string>> {
  const values: Partial<Record<Word, string>> = {};
  for (const part of parts) {
    const [name, value] = part.split(/=(.*)/s) as [string, string];
    const word = words.find((each) => each === name);
    if (!word) throw new UserError(`${flag}: "${excerpt(name)}" is no condition.${didYouMean(excerpt(name), words)}`);
    if (values[word] !== undefined)
      throw new UserError(`${flag}: ${word}=${excerpt(values[word])} and ${word}=${excerpt(value)} clash: remove one.`);
    values[word] = value;
  }
  return values;
}

function conditionsOf(flag: string, given: Partial<Record<Word, string>>, usual: string): NetworkConditions {
  const rttMs = given.rtt === undefined ? 0 : milliseconds(flag, "rtt", given.rtt, longestRttMs);
  const jitterMs = given.jitter === undefined ? 0 : milliseconds(flag, "jitter", given.jitter, longestRttMs);
  if (jitterMs > rttMs)
    throw new UserError(
      `${flag}: jitter=${given.jitter} is more than the round trip of ${rttMs}ms: lower it, or raise rtt.`,
    );
  const rate = given.rate === undefined ? undefined : readRate(flag, given.rate);
  if (!rate && given.queue !== undefined)
    throw new UserError(`${flag}: queue=${excerpt(given.queue)} is a wait in front of a rate: add rate=10mbit.`);
  return {
    rttMs,
    jitterMs,
    lossShare: given.loss === undefined ? 0 : readLoss(flag, given.loss),
    ...(rate && { rate }),
    queueMs: given.queue === undefined ? queueFor(rate) : milliseconds(flag, "queue", given.queue, longestQueueMs),
    congestionControl: given.cc === undefined ? usual : readCongestionControl(flag, given.cc),
  };
}

function milliseconds(flag: string, word: Word, text: string, mostMs: number): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? [];
  const value = Number(number) * (unit === "s" ? 1000 : 1);
  if (value >= 1 && value <= mostMs) return value;
  throw new UserError(
    `${flag}: ${word}=${excerpt(text)} is not a time from 1ms to ${mostMs / 1000}s: write it as ${word}=80ms, or leave it out.`,
  );
}

function readLoss(flag: string, text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const share = Number((Number(number) / 100).toPrecision(9));
  if (share > 0 && share <= highestLoss) return share;
  throw new UserError(
    `${flag}: loss=${excerpt(text)} is not a share above 0% and up to 50%: write it as loss=1%, or leave it out.`,
  );
}

function readRate(flag: string, text: string): { downBitsPerS: number; upBitsPerS: number } {
  const [down, up = down, ...more] = text.split("/");
  const [downBitsPerS, upBitsPerS] = [bitsPerS(down!), bitsPerS(up!)];
  if (more.length === 0 && downBitsPerS !== undefined && upBitsPerS !== undefined) return { downBitsPerS, upBitsPerS };
  throw new UserError(
    `${flag}: rate=${excerpt(text)} is not a rate from 8kbit to 10gbit: write it as 10mbit, or 10mbit/2mbit for down/up.`,
  );
}

function bitsPerS(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(kbit|mbit|gbit)$/.exec(text) ?? [];
  const value = number === undefined ? NaN : Number(number) * bitsPerUnit[unit!]!;
  return value >= lowestRate && value <= highestRate ? value : undefined;
}

/** The usual queue holds ten full packets at least: a slow link that held less would drop the first flight of TCP. */
function queueFor(rate: NetworkConditions["rate"]): number {
  if (!rate) return usualQueueMs;
  const slowest = Math.min(rate.downBitsPerS, rate.upBitsPerS);
  return Math.max(usualQueueMs, Math.ceil((1000 * leastQueueBits) / slowest));
}

function readCongestionControl(flag: string, text: string): string {
  if (/^[a-z0-9_]{1,15}$/.test(text)) return text;
  throw new UserError(`${flag}: cc=${excerpt(text)} is not a congestion control such as cubic, reno or bbr.`);
}

/** The conditions as one text: the same text for the same network. */
function canonicalText({ rttMs, jitterMs, lossShare, rate, queueMs, congestionControl }: NetworkConditions): string {
  const parts = [
    rttMs > 0 && `rtt=${rttMs}ms`,
    jitterMs > 0 && `jitter=${jitterMs}ms`,
    lossShare > 0 && `loss=${Number((100 * lossShare).toPrecision(9))}%`,
    rate && `rate=${rateText(rate.downBitsPerS)}/${rateText(rate.upBitsPerS)}`,
    rate && `queue=${queueMs}ms`,
    `cc=${congestionControl}`,
  ];
  return parts.filter((part) => typeof part === "string").join();
}

function rateText(bits: number): string {
  const unit = bits % 1e6 === 0 ? "mbit" : "kbit";
  return `${Number((bits / bitsPerUnit[unit]!).toPrecision(12))}${unit}`;
}
