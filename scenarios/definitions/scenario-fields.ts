import { parseThresholds } from "../../results/rows/thresholds.ts";
import { parseDrops } from "./drops.ts";
import { parseFault, parseReconnect } from "./fault.ts";
import { parseNetworks } from "./network.ts";
import { didYouMean, excerpt, UserError } from "../lib/errors.ts";
import { stampBytes } from "../lib/message-stamp.ts";
import { parseDuration, parsePositive, parseSize, parseInteger } from "../lib/parse-units.ts";
import type { Arrivals, Scenario } from "./scenario.ts";

/** Changes by the fields of a scenario file. `trace`, `speed` and `listeners` say which trace to replay, and how. */
export type ScenarioChanges = Partial<Omit<Scenario, "trace">> & {
  extends?: string;
  trace?: string;
  listeners?: number;
  speed?: number;
};

/** Reads the value of a field. Throws a UserError that names the field and the values it may have. */
type FieldReader = (name: string, value: unknown) => ScenarioChanges;

const largestBytes = 64 * 2 ** 20;
const largestCount = 1_000_000;

/** Every field of a scenario file. Durations, sizes and rates are written as on the command line. */
export const scenarioFields = {
  extends: (name, value) => ({ extends: readText(name, value) }),
  question: (name, value) => ({ question: readText(name, value) }),
  app: (name, value) => ({ app: readChoice(name, value, "chat", "echo", "ingest") }),
  senderSide: (name, value) => ({ senderSide: readChoice(name, value, "clients", "server", "both") }),
  clients: (name, value) => ({ clients: parseInteger(name, asText(value), 1, largestCount) }),
  rooms: (name, value) => ({ rooms: readRooms(name, value) }),
  senders: (name, value) => ({ senders: readSenders(name, value) }),
  rate: (name, value) => ({ ratePerS: value === 0 ? 0 : parsePositive(name, asText(value), 1_000_000) }),
  arrivals: (name, value) => ({ arrivals: readArrivals(name, value) }),
  halfDuplexSlot: (name, value) => ({ halfDuplexSlotMs: parseDuration(name, asText(value)) }),
  payloadBytes: (name, value) => ({
    payloadBytes: readOneOrMore(value, (one) => parseSize(name, asText(one), stampBytes, largestBytes)),
  }),
  payloadKind: (name, value) => ({
    payloadKind: readOneOrMore(value, (one) => readChoice(name, one, "text", "binary")),
  }),
  warmup: (name, value) => ({ warmupMs: parseDuration(name, asText(value), { zero: true }) }),
  maxWarmup: (name, value) => ({ maxWarmupMs: parseDuration(name, asText(value), { zero: true }) }),
  duration: (name, value) => ({ durationMs: parseDuration(name, asText(value)) }),
  idleCycles: (name, value) => ({ idleCycles: parseInteger(name, asText(value), 1, 1_000) }),
  connectPerMessage: (name, value) => ({ connectPerMessage: readTrue(name, value) }),
  pausedClients: (name, value) => ({ pausedClients: parseInteger(name, asText(value), 0, largestCount) }),
  thresholds: (name, value) => ({
    thresholds: [readOneOrMore(value, (one) => parseThresholds(name, readText(name, one)))].flat(2),
  }),
  drops: (name, value) => ({ dropsAllowed: parseDrops(name, asText(value)) }),
  network: (name, value) => ({
    networks: [readOneOrMore(value, (one) => parseNetworks(name, readText(name, one)))].flat(2),
  }),
  fault: (name, value) => ({ fault: parseFault(name, readText(name, value)) }),
  reconnect: (name, value) => ({ reconnect: parseReconnect(name, readText(name, value)) }),
  heartbeat: (name, value) => ({ heartbeatMs: parseDuration(name, asText(value)) }),
  history: (name, value) => ({ historyMessages: parseInteger(name, asText(value), 1, largestCount) }),
  trace: (name, value) => ({ trace: readText(name, value) }),
  speed: (name, value) => ({ speed: parsePositive(name, asText(value), 1_000_000) }),
  listeners: (name, value) => ({ listeners: parseInteger(name, asText(value), 0, largestCount) }),
} satisfies Record<string, FieldReader>;

/** Name of a field of a scenario file. */
export type FieldName = keyof typeof scenarioFields;

/** Fields that older versions had, and what to write now. */
const renamedFields: Record<string, string> = {
  speakers: '"senderSide" (clients, server or both)',
  visits: '"connectPerMessage: true"',
  turn: '"halfDuplexSlot"',
  slowClients: '"pausedClients"',
};

/** The field of that name. Throws a UserError that names the nearest field, or the new name of a renamed one. */
export function fieldNamed(name: string): FieldName {
  if (Object.hasOwn(scenarioFields, name)) return name as FieldName;
  if (Object.hasOwn(renamedFields, name))
    throw new UserError(`The field "${name}" has a new name: write ${renamedFields[name]}.`);
  throw new UserError(`Unknown field "${excerpt(name)}".${didYouMean(excerpt(name), Object.keys(scenarioFields))}`);
}

/** A text that is not empty. Throws a UserError for any other value. */
export function readText(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new UserError(`${name} "${asText(value)}" is not a text: put it in quotes.`);
}

function asText(value: unknown): string {
  return excerpt(typeof value === "string" ? value : JSON.stringify(value));
}

function readChoice<C extends string>(name: string, value: unknown, ...choices: C[]): C {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new UserError(`${name} "${asText(value)}" is not one of its choices.${didYouMean(asText(value), choices)}`);
}

function readTrue(name: string, value: unknown): true {
  if (value === true) return value;
  throw new UserError(`${name} "${asText(value)}" is not true: write true, or remove the field.`);
}

/** A single value, or a list of several. */
function readOneOrMore<T>(value: unknown, read: (one: unknown) => T): T | T[] {
  return Array.isArray(value) && value.length > 0 ? value.map(read) : read(value);
}

/** The number in an object with a single key, such as `{ of: 100 }`; undefined for any other value. */
function readNumberUnder(name: string, key: string, value: unknown): number | undefined {
  if (typeof value !== "object" || value === null || Object.keys(value).join() !== key) return undefined;
  return parseInteger(`${name}: ${key}`, asText((value as Record<string, unknown>)[key]), 1, largestCount);
}

function readRooms(name: string, value: unknown): Scenario["rooms"] {
  if (value === "one each") return value;
  const of = readNumberUnder(name, "of", value);
  if (of !== undefined) return { of };
  if (typeof value === "number") return parseInteger(name, asText(value), 1, largestCount);
  throw new UserError(`${name} "${asText(value)}" is neither a number, nor "one each", nor { of: 100 }.`);
}

function readSenders(name: string, value: unknown): Scenario["senders"] {
  if (typeof value === "number") return parseInteger(name, asText(value), 0, largestCount);
  return readChoice(name, value, "everybody", "one a room");
}

function readArrivals(name: string, value: unknown): Arrivals {
  const burst = readNumberUnder(name, "burst", value);
  if (burst !== undefined) return { burst };
  if (value === "uniform" || value === "even") return value;
  throw new UserError(`${name} "${asText(value)}" is neither uniform, nor even, nor { burst: 50 }.`);
}
