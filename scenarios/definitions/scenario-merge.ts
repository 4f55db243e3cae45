import { UserError } from "../lib/errors.ts";
import { scenarioFields, readText, type FieldName, type ScenarioChanges } from "./scenario-fields.ts";
import { scenarioNamed } from "../scenarios.ts";
import { type Scenario } from "./scenario.ts";

/** A field of a scenario file, with its value and its line. */
export interface FileField {
  name: FieldName;
  value: unknown;
  line: number;
}

/** A scenario as its file has it, with the path of a trace instead of the trace. */
export type MergedScenario = Omit<Scenario, "trace"> &
  Pick<ScenarioChanges, "speed" | "listeners"> & { trace?: string };

/** Fields that may stand beside `trace`. The trace determines all others. */
const fieldsBesideTrace: readonly FieldName[] = [
  "extends",
  "question",
  "app",
  "warmup",
  "maxWarmup",
  "thresholds",
  "drops",
  "network",
  "trace",
  "speed",
  "listeners",
];

/** Combinations that make no scenario, and what to do about each. `has` says whether the file has a field. */
const contradictions: {
  when(scenario: MergedScenario, has: (name: FieldName) => boolean): boolean;
  remedy: string;
}[] = [
  {
    when: ({ app, rooms, senderSide = "clients" }) =>
      app === "echo" && (rooms !== "one each" || senderSide !== "clients"),
    remedy: "app: echo replies to the sender alone, so it needs rooms: one each and senderSide: clients",
  },
  {
    when: ({ app, connectPerMessage }) => connectPerMessage === true && app !== "echo",
    remedy: "connectPerMessage: true needs a reply to each message: use app: echo",
  },
  {
    when: ({ connectPerMessage }, has) => connectPerMessage === true && has("drops"),
    remedy: "with connectPerMessage: true a client that gets no answer is always counted: remove drops",
  },
  {
    when: ({ app, pausedClients = 0, senderSide = "clients", connectPerMessage }) =>
      pausedClients > 0 && (app !== "chat" || senderSide !== "clients" || connectPerMessage === true),
    remedy: "pausedClients needs a group chat: use app: chat and senderSide: clients",
  },
  {
    when: ({ app, senderSide }) => app === "ingest" && senderSide === "server",
    remedy: "app: ingest needs clients that send, and senderSide: server has none: use app: chat",
  },
  {
    when: ({ halfDuplexSlotMs, senderSide, trace }) =>
      halfDuplexSlotMs !== undefined && (senderSide !== "both" || trace !== undefined),
    remedy: "halfDuplexSlot needs two sides that send: add senderSide: both",
  },
  {
    when: ({ senderSide, senders }, has) => senderSide === "server" && has("senders") && senders !== 0,
    remedy: "with senderSide: server no client sends: remove senders, or use senderSide: both",
  },
  {
    when: ({ senderSide, senders, ratePerS, trace }) =>
      senders === 0 && ratePerS > 0 && senderSide !== "server" && trace === undefined,
    remedy: "no client sends: raise senders, or use rate: 0 with idleCycles",
  },
  {
    when: ({ idleCycles, ratePerS, trace }) => idleCycles !== undefined && (ratePerS > 0 || trace !== undefined),
    remedy: "idleCycles is for scenarios without messages: use rate: 0, or remove idleCycles",
  },
  {
    when: ({ idleCycles, ratePerS, trace }) => idleCycles === undefined && ratePerS === 0 && trace === undefined,
    remedy: "rate: 0 needs idleCycles, the number of heartbeat or poll cycles in the window",
  },
  {
    when: ({ warmupMs, maxWarmupMs }) => maxWarmupMs < warmupMs,
    remedy: "maxWarmup is shorter than warmup: raise it, or remove it",
  },
  {
    when: ({ trace }, has) => trace === undefined && (has("speed") || has("listeners")),
    remedy: "speed and listeners are for a trace: add trace, or remove them",
  },
  {
    when: ({ trace, app, senderSide = "clients" }) =>
      trace !== undefined && (app === "echo" || senderSide !== "clients"),
    remedy: "a trace needs clients that send to rooms: extend chat-100, or use app: chat",
  },
];

/** A scenario of the user's warms up until the servers are steady, for so long at most, unless it says otherwise. */
const longestWarmupMs = 20_000;

/**
 * The scenario of a file: its fields, over those of the scenario that it extends (default: chat-100). A `warmup`
 * without a `maxWarmup` is the exact length of the warm-up. Throws a UserError that names the file, and the line if one
 * field is at fault.
 */
export function mergeFields(file: string, fields: readonly FileField[]): MergedScenario {
  const has = (wanted: FieldName): boolean => fields.some(({ name }) => name === wanted);
  const base = fields.find(({ name }) => name === "extends");
  const extended = base
    ? atLine(file, base.line, () => scenarioNamed(readText("extends", base.value)))
    : scenarioNamed("chat-100");

  const changes: ScenarioChanges = {};
  for (const { name, value, line } of fields)
    Object.assign(
      changes,
      atLine(file, line, () => scenarioFields[name](name, value)),
    );
  if (has("warmup")) changes.maxWarmupMs ??= changes.warmupMs!;
  else if ((changes.idleCycles ?? extended.idleCycles) === undefined)
    changes.maxWarmupMs ??= Math.max(extended.maxWarmupMs, longestWarmupMs);
  delete changes.extends;

  const determined = has("trace") && fields.find(({ name }) => !fieldsBesideTrace.includes(name));
  if (determined)
    throw new UserError(
      `${file}, line ${determined.line}: the trace determines ${determined.name}: remove ${determined.name}.`,
    );
  const scenario = { ...extended, ...changes } as MergedScenario;
  const contradiction = contradictions.find(({ when }) => when(scenario, has));
  if (contradiction) throw new UserError(`${file}: ${contradiction.remedy}.`);
  return scenario;
}

/** The result of `read`. A UserError that it throws is thrown with the file and the line in front. */
export function atLine<T>(file: string, line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof UserError
      ? new UserError(`${file}, line ${line}: ${error.message}`, { cause: error })
      : error;
  }
}
