import { UserError } from "../lib/errors.ts";
import { scenarioFields, readText, type ScenarioChanges } from "./scenario-fields.ts";
import { scenarioNamed } from "../scenarios.ts";
import { type Scenario } from "./scenario.ts";

/** A field as it stands in a file. */
export interface FileField {
  name: keyof typeof scenarioFields;
  value: unknown;
  line: number;
}

/** A scenario of a file, and the trace that it is to replay where it names one. */
export type MergedScenario = Omit<Scenario, "trace"> &
  Pick<ScenarioChanges, "speed" | "listeners"> & { trace?: string };

/** Fields that a trace leaves open. */
const besideTrace: readonly string[] = [
  "extends",
  "question",
  "app",
  "warmup",
  "maxWarmup",
  "trace",
  "speed",
  "listeners",
];

/** What cannot be, and what to do about it. `has` says whether the file itself has a field. */
const obstacles: {
  when(scenario: MergedScenario, has: (name: keyof typeof scenarioFields) => boolean): boolean;
  says: string;
}[] = [
  {
    when: ({ app, rooms, senderSide = "clients" }) =>
      app === "echo" && (rooms !== "one each" || senderSide !== "clients"),
    says: "app: echo answers the sender alone, so it needs rooms: one each and senderSide: clients",
  },
  {
    when: ({ app, connectPerMessage }) => connectPerMessage === true && app !== "echo",
    says: "connectPerMessage: true is for clients who come for one answer: take app: echo",
  },
  {
    when: ({ app, pausedClients = 0, senderSide = "clients", connectPerMessage }) =>
      pausedClients > 0 && (app !== "chat" || senderSide !== "clients" || connectPerMessage === true),
    says: "pausedClients is for a group chat: take app: chat and senderSide: clients",
  },
  {
    when: ({ app, senderSide }) => app === "ingest" && senderSide === "server",
    says: "app: ingest is for what clients say, and with senderSide: server they say nothing: take app: chat",
  },
  {
    when: ({ halfDuplexSlotMs, senderSide, trace }) =>
      halfDuplexSlotMs !== undefined && (senderSide !== "both" || trace !== undefined),
    says: "halfDuplexSlot is for two sides that take turns: give senderSide: both, too",
  },
  {
    when: ({ senderSide, senders }, has) => senderSide === "server" && has("senders") && senders !== 0,
    says: "with senderSide: server no client sends: leave senders out, or give senderSide: both",
  },
  {
    when: ({ senderSide, senders, ratePerS, trace }) =>
      senders === 0 && ratePerS > 0 && senderSide !== "server" && trace === undefined,
    says: "nobody is there to speak: raise senders, or give rate: 0 and idleCycles",
  },
  {
    when: ({ idleCycles, ratePerS, trace }) => idleCycles !== undefined && (ratePerS > 0 || trace !== undefined),
    says: "idleCycles is for clients to whom nobody speaks: give rate: 0, or leave it out",
  },
  {
    when: ({ idleCycles, ratePerS, trace }) => idleCycles === undefined && ratePerS === 0 && trace === undefined,
    says: "rate: 0 needs idleCycles, the heartbeat or poll cycles that the window holds",
  },
  {
    when: ({ warmupMs, maxWarmupMs }) => maxWarmupMs < warmupMs,
    says: "maxWarmup is shorter than warmup: raise it, or leave it out",
  },
  {
    when: ({ trace }, has) => trace === undefined && (has("speed") || has("listeners")),
    says: "speed and listeners are for a trace: give one, or leave them out",
  },
  {
    when: ({ trace, app, senderSide = "clients" }) =>
      trace !== undefined && (app === "echo" || senderSide !== "clients"),
    says: "a trace is said by clients in rooms: extend chat-100, or give app: chat",
  },
];

/**
 * The scenario that these fields make of the one that they extend, chat-100 by default. A warmup without a maxWarmup is
 * kept to. Throws a UserError that names the file and, where one field is the cause, its line.
 */
export function mergeFields(file: string, given: readonly FileField[]): MergedScenario {
  const base = given.find(({ name }) => name === "extends");
  const has = (wanted: keyof typeof scenarioFields): boolean => given.some(({ name }) => name === wanted);
  const at = <T>(line: number, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw error instanceof UserError ? new UserError(`${file}, line ${line}: ${error.message}`) : error;
    }
  };
  const extended = base
    ? at(base.line, () => scenarioNamed(readText("extends", base.value)))
    : scenarioNamed("chat-100");
  const { extends: _extended, ...written } = Object.assign(
    {} as ScenarioChanges,
    ...given.map(({ name, value, line }) => at(line, () => scenarioFields[name](name, value))),
  ) as ScenarioChanges;
  const fixed = has("trace") && given.find(({ name }) => !besideTrace.includes(name));
  if (fixed) throw new UserError(`${file}, line ${fixed.line}: the trace says what ${fixed.name} is: leave it out.`);
  const scenario = {
    ...extended,
    ...(has("warmup") && { maxWarmupMs: written.warmupMs }),
    ...written,
  } as MergedScenario;
  const obstacle = obstacles.find(({ when }) => when(scenario, has));
  if (obstacle) throw new UserError(`${file}: ${obstacle.says}.`);
  return scenario;
}
