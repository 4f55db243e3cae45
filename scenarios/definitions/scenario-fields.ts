import { didYouMean, UserError } from "../lib/errors.ts";
import { stampBytes } from "../lib/message-stamp.ts";
import { parseDuration, parsePositive, parseSize, parseInteger } from "../lib/parse-units.ts";
import type { Arrivals, Scenario } from "./scenario.ts";

/** What a field of a scenario file stands for. */
export type ScenarioChanges = Partial<Omit<Scenario, "trace">> & {
  extends?: string;
  trace?: string;
  listeners?: number;
  speed?: number;
};

/** Reads the value of a field; throws a UserError that names the field where it cannot be. */
export type ReadField = (name: string, value: unknown) => ScenarioChanges;

const largestBytes = 64 * 2 ** 20;
const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function word<W extends string>(name: string, value: unknown, ...choices: W[]): W {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new UserError(`${name} "${shown(value)}" is not one of its choices.${didYouMean(shown(value), choices)}`);
}

/** A text that is not empty; a UserError where it is anything else. */
export function readText(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new UserError(`${name} "${shown(value)}" is not a text: put it in quotes.`);
}

function yes(name: string, value: unknown): true {
  if (value === true) return value;
  throw new UserError(`${name} "${shown(value)}" is not true: write true, or leave it out.`);
}

/** One or several. */
function each<T>(value: unknown, read: (one: unknown) => T): T | T[] {
  return Array.isArray(value) && value.length > 0 ? value.map(read) : read(value);
}

/** The single number under a name: `{ of: 100 }`. */
function under(name: string, key: string, value: unknown, most: number): number | undefined {
  if (typeof value !== "object" || value === null || Object.keys(value).join() !== key) return undefined;
  return parseInteger(`${name}: ${key}`, shown((value as Record<string, unknown>)[key]), 1, most);
}

function roomsIn(name: string, value: unknown): Scenario["rooms"] {
  if (value === "one each") return value;
  const of = under(name, "of", value, 1_000_000);
  if (of !== undefined) return { of };
  if (typeof value === "number") return parseInteger(name, shown(value), 1, 1_000_000);
  throw new UserError(`${name} "${shown(value)}" is neither a number, nor "one each", nor { of: 100 }.`);
}

function sendersIn(name: string, value: unknown): Scenario["senders"] {
  if (typeof value === "number") return parseInteger(name, shown(value), 0, 1_000_000);
  return word(name, value, "everybody", "one a room");
}

function arrivalsIn(name: string, value: unknown): Arrivals {
  const burst = under(name, "burst", value, 1_000_000);
  if (burst !== undefined) return { burst };
  if (value === "uniform" || value === "even") return value;
  throw new UserError(`${name} "${shown(value)}" is neither uniform, nor even, nor { burst: 50 }.`);
}

/** Every field of a scenario file: those of a scenario, with durations, sizes and rates as on the command line. */
export const scenarioFields = {
  extends: (name, value) => ({ extends: readText(name, value) }),
  question: (name, value) => ({ question: readText(name, value) }),
  app: (name, value) => ({ app: word(name, value, "chat", "echo", "ingest") }),
  senderSide: (name, value) => ({ senderSide: word(name, value, "clients", "server", "both") }),
  clients: (name, value) => ({ clients: parseInteger(name, shown(value), 1, 1_000_000) }),
  rooms: (name, value) => ({ rooms: roomsIn(name, value) }),
  senders: (name, value) => ({ senders: sendersIn(name, value) }),
  rate: (name, value) => ({ ratePerS: value === 0 ? 0 : parsePositive(name, shown(value), 1_000_000) }),
  arrivals: (name, value) => ({ arrivals: arrivalsIn(name, value) }),
  halfDuplexSlot: (name, value) => ({ halfDuplexSlotMs: parseDuration(name, shown(value)) }),
  payloadBytes: (name, value) => ({
    payloadBytes: each(value, (one) => parseSize(name, shown(one), stampBytes, largestBytes)),
  }),
  payloadKind: (name, value) => ({ payloadKind: each(value, (one) => word(name, one, "text", "binary")) }),
  warmup: (name, value) => ({ warmupMs: parseDuration(name, shown(value), { zero: true }) }),
  maxWarmup: (name, value) => ({ maxWarmupMs: parseDuration(name, shown(value), { zero: true }) }),
  duration: (name, value) => ({ durationMs: parseDuration(name, shown(value)) }),
  idleCycles: (name, value) => ({ idleCycles: parseInteger(name, shown(value), 1, 1_000) }),
  connectPerMessage: (name, value) => ({ connectPerMessage: yes(name, value) }),
  pausedClients: (name, value) => ({ pausedClients: parseInteger(name, shown(value), 0, 1_000_000) }),
  trace: (name, value) => ({ trace: readText(name, value) }),
  speed: (name, value) => ({ speed: parsePositive(name, shown(value), 1_000_000) }),
  listeners: (name, value) => ({ listeners: parseInteger(name, shown(value), 0, 1_000_000) }),
} satisfies Record<string, ReadField>;
