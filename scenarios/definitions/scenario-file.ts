import { basename, dirname, extname, resolve } from "node:path";
import { isMap, isNode, isScalar, LineCounter, parseDocument, type ErrorCode } from "yaml";
import { errorMessage, didYouMean, UserError } from "../lib/errors.ts";
import { mergeFields, type FileField } from "./scenario-merge.ts";
import { scenarioFields } from "./scenario-fields.ts";
import { scenarioNamed, scenarios } from "../scenarios.ts";
import { readTraceFile, readTrace, traceBytes } from "./trace.ts";
import { type Scenario } from "./scenario.ts";

/** A scenario, what rows call it, and the file that it is from where it is not on the list. */
export interface LoadedScenario {
  name: string;
  scenario: Scenario;
  file?: string;
}

/** Longest trace that is replayed. */
const mostMs = 24 * 3_600_000;

/**
 * The scenario that `--scenario` names: one of the list, a YAML file, or a trace (.csv, .ndjson). `speed` replays a
 * trace that much faster, whatever its file says. `pathOf` makes a path of what the user wrote. Throws a UserError
 * where there is none, or the file has a mistake.
 */
export function loadScenario(
  given: string,
  speed: number | undefined,
  pathOf: (path: string) => string,
): LoadedScenario {
  const ending = extname(given);
  const isFile = [".yaml", ".yml", ".csv", ".ndjson"].includes(ending) || /[/\\]/.test(given);
  if (!isFile) {
    if (speed !== undefined) scenarioNamed(given);
    if (speed !== undefined)
      throw new UserError(`--speed is for a trace: ${given} has no pace of its own, use --rate.`);
    return { name: given, scenario: scenarioNamed(given) };
  }
  const file = pathOf(given);
  const name = basename(file, ending);
  if (ending === ".csv" || ending === ".ndjson")
    return {
      name,
      file,
      scenario: replay({ ...scenarios["chat-100"], question: `Replays ${name}${ending}.` }, file, speed ?? 1, 0),
    };
  if (ending !== ".yaml" && ending !== ".yml")
    throw new UserError(`${given} is no scenario: a file of one ends in .yaml, a trace in .csv or .ndjson.`);
  const { trace, listeners = 0, speed: own = 1, ...scenario } = mergeFields(file, fieldsIn(file));
  if (trace === undefined && speed !== undefined)
    throw new UserError(`--speed is for a trace: ${given} has no pace of its own, use --rate.`);
  return {
    name,
    file,
    scenario: trace === undefined ? scenario : replay(scenario, resolve(dirname(file), trace), speed ?? own, listeners),
  };
}

/** A scenario with the numbers of a trace, replayed in `scenario`'s application with its warm-up. */
function replay(scenario: Scenario, path: string, speed: number, listeners: number): Scenario {
  if (![".csv", ".ndjson"].includes(extname(path)))
    throw new UserError(`${path} is no trace: its name has to end in .csv or .ndjson.`);
  const { roomOf, rooms, senders, dueUs, texts, digest } = readTrace({ path, speed, listeners });
  const durationMs = Math.max(1_000, Math.ceil((dueUs.at(-1)! + 1) / 1000));
  if (durationMs > mostMs)
    throw new UserError(
      `${path} takes ${Math.round(durationMs / 3_600_000)} h at speed ${speed}: give a --speed that makes it 24 h at most.`,
    );
  const bytes = texts.map(traceBytes);
  const sum = bytes.reduce((total, each) => total + each, 0);
  return {
    ...scenario,
    clients: roomOf.length,
    rooms,
    senders,
    ratePerS: Number(((1000 * texts.length) / durationMs).toPrecision(6)),
    durationMs,
    payloadBytes: Math.round(sum / texts.length),
    payloadKind: "text",
    trace: {
      path,
      speed,
      listeners,
      digest,
      largestBytes: bytes.reduce((most, each) => Math.max(most, each), 0),
    },
  };
}

const quoting = "put a text that holds one of :#*&!@%[]{} in quotes";

/** What is wrong with YAML in words of its writer's, where the library has words of its own. */
const yamlHints: Partial<Record<ErrorCode, string>> = {
  BLOCK_AS_IMPLICIT_KEY:
    "a colon stands in a value: put a text that holds one in quotes, and let fields begin below one another",
  MULTILINE_IMPLICIT_KEY: 'a colon is missing: write "rate: 20", each field in a line of its own',
  BAD_INDENT: "the line begins where it may not: let fields begin below one another, and close every bracket before it",
  MISSING_CHAR: 'a quote, a bracket or a colon is missing: close what is open, and write fields as "rate: 20"',
  TAB_AS_INDENT: "a tab stands before a field: indent with spaces",
  DUPLICATE_KEY: "a field is there twice: delete one",
};

/**
 * The fields of a file with the lines that they are on. Throws a UserError where it is not YAML, or has a field of
 * another name.
 */
function fieldsIn(file: string): FileField[] {
  const lines = new LineCounter();
  const document = parseDocument(readTraceFile(file), { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number): string => `${file}, line ${lines.linePos(offset).line}`;
  function notYaml(offset: number, why: string, cause: unknown): UserError {
    return new UserError(`${lineAt(offset)}, column ${lines.linePos(offset).col}: it is not YAML: ${why}.`, { cause });
  }
  const [error] = [...document.errors, ...document.warnings];
  if (error?.code === "MULTIPLE_DOCS")
    throw new UserError(`${lineAt(error.pos[0])}: a second scenario begins: give each a file of its own.`);
  if (error)
    throw notYaml(error.pos[0], yamlHints[error.code] ?? `${error.message.replace(/\.$/, "")}: ${quoting}`, error);
  if (!isMap(document.contents))
    throw new UserError(`${file} is no scenario: write fields such as "extends: chat-1k" and "rate: 20", one a line.`);
  return document.contents.items.map(({ key, value }) => {
    const at = isScalar(key) && key.range ? key.range[0] : 0;
    const name = String(isScalar(key) ? key.value : key);
    if (!Object.hasOwn(scenarioFields, name))
      throw new UserError(`${lineAt(at)}: unknown field "${name}".${didYouMean(name, Object.keys(scenarioFields))}`);
    try {
      return {
        name: name as FileField["name"],
        value: isNode(value) ? value.toJS(document) : null,
        line: lines.linePos(at).line,
      };
    } catch (cause) {
      throw notYaml(at, `${errorMessage(cause)}: ${quoting}`, cause);
    }
  });
}
