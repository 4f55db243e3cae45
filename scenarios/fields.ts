import type { Arrivals } from "./arrivals.ts";
import { nearest, UserError } from "./errors.ts";
import { scenarioNamed, type Scenario } from "./scenarios.ts";
import { stampBytes } from "./stamp.ts";
import { duration, positive, size, whole } from "./units.ts";

/** What a field of a scenario file stands for. */
type Written = Partial<Omit<Scenario, "trace">> & {
  extends?: string;
  trace?: string;
  listeners?: number;
  speed?: number;
};
type Read = (name: string, value: unknown) => Written;

/** A field as it stands in a file. */
export interface Given {
  name: keyof typeof fields;
  value: unknown;
  line: number;
}

const largestBytes = 64 * 2 ** 20;
const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function word<W extends string>(name: string, value: unknown, ...choices: W[]): W {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new UserError(`${name} "${shown(value)}" is not one of its choices.${nearest(shown(value), choices)}`);
}

function text(name: string, value: unknown): string {
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
  return whole(`${name}: ${key}`, shown((value as Record<string, unknown>)[key]), 1, most);
}

function roomsIn(name: string, value: unknown): Scenario["rooms"] {
  if (value === "one each") return value;
  const of = under(name, "of", value, 1_000_000);
  if (of !== undefined) return { of };
  if (typeof value === "number") return whole(name, shown(value), 1, 1_000_000);
  throw new UserError(`${name} "${shown(value)}" is neither a number, nor "one each", nor { of: 100 }.`);
}

function sendersIn(name: string, value: unknown): Scenario["senders"] {
  if (typeof value === "number") return whole(name, shown(value), 0, 1_000_000);
  return word(name, value, "everybody", "one a room");
}

function arrivalsIn(name: string, value: unknown): Arrivals {
  const burst = under(name, "burst", value, 1_000_000);
  if (burst !== undefined) return { burst };
  if (value === "uniform" || value === "even") return value;
  throw new UserError(`${name} "${shown(value)}" is neither uniform, nor even, nor { burst: 50 }.`);
}

/** Every field of a scenario file: those of a scenario, with durations, sizes and rates as on the command line. */
export const fields = {
  extends: (name, value) => ({ extends: text(name, value) }),
  question: (name, value) => ({ question: text(name, value) }),
  app: (name, value) => ({ app: word(name, value, "chat", "echo", "report") }),
  speakers: (name, value) => ({ speakers: word(name, value, "clients", "hub", "both") }),
  clients: (name, value) => ({ clients: whole(name, shown(value), 1, 1_000_000) }),
  rooms: (name, value) => ({ rooms: roomsIn(name, value) }),
  senders: (name, value) => ({ senders: sendersIn(name, value) }),
  rate: (name, value) => ({ offeredPerS: value === 0 ? 0 : positive(name, shown(value), 1_000_000) }),
  arrivals: (name, value) => ({ arrivals: arrivalsIn(name, value) }),
  turn: (name, value) => ({ turnMs: duration(name, shown(value)) }),
  payloadBytes: (name, value) => ({
    payloadBytes: each(value, (one) => size(name, shown(one), stampBytes, largestBytes)),
  }),
  payloadKind: (name, value) => ({ payloadKind: each(value, (one) => word(name, one, "text", "binary")) }),
  warmup: (name, value) => ({ warmupMs: duration(name, shown(value), { zero: true }) }),
  maxWarmup: (name, value) => ({ maxWarmupMs: duration(name, shown(value), { zero: true }) }),
  duration: (name, value) => ({ durationMs: duration(name, shown(value)) }),
  idleCycles: (name, value) => ({ idleCycles: whole(name, shown(value), 1, 1_000) }),
  visits: (name, value) => ({ visits: yes(name, value) }),
  slowClients: (name, value) => ({ slowClients: whole(name, shown(value), 0, 1_000_000) }),
  trace: (name, value) => ({ trace: text(name, value) }),
  speed: (name, value) => ({ speed: positive(name, shown(value), 1_000_000) }),
  listeners: (name, value) => ({ listeners: whole(name, shown(value), 0, 1_000_000) }),
} satisfies Record<string, Read>;

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
    when: ({ visits, app, idleCycles, trace }) =>
      visits === true && (app !== "echo" || idleCycles !== undefined || trace !== undefined),
    says: "visits are answered one by one: give app: echo and rooms: one each, without idleCycles and trace",
  },
  {
    when: ({ slowClients = 0, app }) => slowClients > 0 && app !== "chat",
    says: "slowClients are clients who listen: give app: chat",
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
    ...given.map(({ name, value, line }) => at(line, () => (fields[name] as Read)(name, value))),
  ) as Written;
  const fixed = has("trace") && given.find(({ name }) => !besideTrace.includes(name));
  if (fixed) throw new UserError(`${file}, line ${fixed.line}: the trace says what ${fixed.name} is: leave it out.`);
  const scenario = { ...extended, ...(has("warmup") && { maxWarmupMs: written.warmupMs }), ...written } as Combined;
  const obstacle = obstacles.find(({ when }) => when(scenario, has));
  if (obstacle) throw new UserError(`${file}: ${obstacle.says}.`);
  return scenario;
}
