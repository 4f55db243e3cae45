import { UserError } from "../lib/errors.ts";
import { fields, text, type Written } from "./scenario-fields.ts";
import { scenarioNamed, type Scenario } from "../scenarios.ts";

/** A field as it stands in a file. */
export interface Given {
  name: keyof typeof fields;
  value: unknown;
  line: number;
}

/** A scenario of a file, and the trace that it is to replay where it names one. */
export type Combined = Omit<Scenario, "trace"> & Pick<Written, "speed" | "listeners"> & { trace?: string };

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
const obstacles: { when(scenario: Combined, has: (name: keyof typeof fields) => boolean): boolean; says: string }[] = [
  {
    when: ({ app, rooms, speakers = "clients" }) => app === "echo" && (rooms !== "one each" || speakers !== "clients"),
    says: "app: echo answers the sender alone, so it needs rooms: one each and speakers: clients",
  },
  {
    when: ({ app, visits }) => visits === true && app !== "echo",
    says: "visits: true is for clients who come for one answer: take app: echo",
  },
  {
    when: ({ app, slowClients = 0, speakers = "clients", visits }) =>
      slowClients > 0 && (app !== "chat" || speakers !== "clients" || visits === true),
    says: "slowClients is for a group chat: take app: chat and speakers: clients",
  },
  {
    when: ({ app, speakers }) => app === "report" && speakers === "hub",
    says: "app: report is for what clients say, and with speakers: hub they say nothing: take app: chat",
  },
  {
    when: ({ turnMs, speakers, trace }) => turnMs !== undefined && (speakers !== "both" || trace !== undefined),
    says: "turn is for two sides that take turns: give speakers: both, too",
  },
  {
    when: ({ speakers, senders }, has) => speakers === "hub" && has("senders") && senders !== 0,
    says: "with speakers: hub no client sends: leave senders out, or give speakers: both",
  },
  {
    when: ({ speakers, senders, offeredPerS, trace }) =>
      senders === 0 && offeredPerS > 0 && speakers !== "hub" && trace === undefined,
    says: "nobody is there to speak: raise senders, or give rate: 0 and idleCycles",
  },
  {
    when: ({ idleCycles, offeredPerS, trace }) => idleCycles !== undefined && (offeredPerS > 0 || trace !== undefined),
    says: "idleCycles is for clients to whom nobody speaks: give rate: 0, or leave it out",
  },
  {
    when: ({ idleCycles, offeredPerS, trace }) => idleCycles === undefined && offeredPerS === 0 && trace === undefined,
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
    when: ({ trace, app, speakers = "clients" }) => trace !== undefined && (app === "echo" || speakers !== "clients"),
    says: "a trace is said by clients in rooms: extend chat-100, or give app: chat",
  },
];

/**
 * The scenario that these fields make of the one that they extend, chat-100 by default. A warmup without a maxWarmup is kept to. Throws a
 * UserError that names the file and, where one field is the cause, its line.
 */
export function combine(file: string, given: readonly Given[]): Combined {
  const base = given.find(({ name }) => name === "extends");
  const has = (wanted: keyof typeof fields): boolean => given.some(({ name }) => name === wanted);
  const at = <T>(line: number, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw error instanceof UserError ? new UserError(`${file}, line ${line}: ${error.message}`) : error;
    }
  };
  const extended = base ? at(base.line, () => scenarioNamed(text("extends", base.value))) : scenarioNamed("chat-100");
  const { extends: _extended, ...written } = Object.assign(
    {} as Written,
    ...given.map(({ name, value, line }) => at(line, () => fields[name](name, value))),
  ) as Written;
  const fixed = has("trace") && given.find(({ name }) => !besideTrace.includes(name));
  if (fixed) throw new UserError(`${file}, line ${fixed.line}: the trace says what ${fixed.name} is: leave it out.`);
  const scenario = { ...extended, ...(has("warmup") && { maxWarmupMs: written.warmupMs }), ...written } as Combined;
  const obstacle = obstacles.find(({ when }) => when(scenario, has));
  if (obstacle) throw new UserError(`${file}: ${obstacle.says}.`);
  return scenario;
}
