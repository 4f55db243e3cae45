import { basename, dirname, extname, resolve } from "node:path";
import { isMap, isNode, isScalar, LineCounter, parseDocument, type ErrorCode } from "yaml";
import { errorMessage, UserError } from "../lib/errors.ts";
import { atLine, mergeFields, type FileField, type MergedScenario } from "./scenario-merge.ts";
import { fieldNamed } from "./scenario-fields.ts";
import { scenarioNamed, scenarios } from "../scenarios.ts";
import { readTextFile } from "../lib/text-file.ts";
import { readTrace, scenarioRemedy, traceBytes } from "./trace.ts";
import { type Scenario } from "./scenario.ts";

/** A scenario with its name in rows, and the path of its file if it has one. */
export interface LoadedScenario {
  name: string;
  scenario: Scenario;
  file?: string;
}

/** Longest trace that is replayed. */
const maxTraceMs = 24 * 3_600_000;

const yamlEndings = [".yaml", ".yml"];
const traceEndings = [".csv", ".ndjson", ".jsonl"];

/** The ending of a path in small letters: `.csv` of FRIDAY.CSV. */
const endingOf = (path: string): string => extname(path).toLowerCase();

/**
 * Loads the scenario that `--scenario` names: a name on the list, a YAML file or a trace. `speed` is how much faster a
 * trace is replayed, and wins over its file. `pathOf` resolves a path of the user's. Throws a UserError if there is no
 * such scenario or its file has a mistake.
 */
export function loadScenario(
  nameOrPath: string,
  speed: number | undefined,
  pathOf: (path: string) => string,
): LoadedScenario {
  const ending = endingOf(nameOrPath);
  const isFile = ending !== "" || /[/\\]/.test(nameOrPath);
  if (!isFile) {
    const scenario = scenarioNamed(nameOrPath);
    if (speed !== undefined) throw speedWithoutTrace(nameOrPath);
    return { name: nameOrPath, scenario };
  }
  const file = pathOf(nameOrPath);
  const name = basename(file, extname(file));
  if (traceEndings.includes(ending)) {
    const base = { ...scenarios["chat-100"], question: `Replays ${basename(file)}.` };
    return { name, file, scenario: replay(base, file, speed ?? 1, 0) };
  }
  if (!yamlEndings.includes(ending))
    throw new UserError(
      `${nameOrPath} is not a scenario: use a file that ends in .yaml or .yml, or a trace in .csv, .ndjson or .jsonl.`,
    );
  const { trace, listeners = 0, speed: fileSpeed = 1, ...scenario } = readScenario(file);
  if (trace !== undefined) {
    const path = resolve(dirname(file), trace);
    return { name, file, scenario: replay(scenario, path, speed ?? fileSpeed, listeners) };
  }
  if (speed !== undefined) throw speedWithoutTrace(nameOrPath);
  return { name, file, scenario };
}

function speedWithoutTrace(scenario: string): UserError {
  return new UserError(`--speed is for a trace, and ${scenario} is none: use --rate.`);
}

/** A scenario that replays a trace: the numbers of the trace, with the application and the warm-up of `scenario`. */
function replay(scenario: Scenario, path: string, speed: number, listeners: number): Scenario {
  if (!traceEndings.includes(endingOf(path)))
    throw new UserError(`${path} is not a trace: use a file that ends in .csv, .ndjson or .jsonl.`);
  const { roomOf, rooms, senders, dueUs, texts, digest } = readTrace({ path, speed, listeners });
  const durationMs = Math.max(1_000, Math.ceil((dueUs.at(-1)! + 1) / 1000));
  if (durationMs > maxTraceMs)
    throw new UserError(
      `${path} takes ${Math.round(durationMs / 3_600_000)} h at speed ${speed}: raise --speed so that it takes 24 h at most.`,
    );
  const bytes = texts.map(traceBytes);
  const totalBytes = bytes.reduce((sum, each) => sum + each, 0);
  const largestBytes = bytes.reduce((largest, each) => Math.max(largest, each), 0);
  return {
    ...scenario,
    clients: roomOf.length,
    rooms,
    senders,
    ratePerS: Number(((1000 * texts.length) / durationMs).toPrecision(6)),
    durationMs,
    payloadBytes: Math.round(totalBytes / texts.length),
    payloadKind: "text",
    trace: { path, speed, listeners, digest, largestBytes },
  };
}

const quotingHint = "put a text that holds one of :#*&!@%[]{} in quotes";

/** Plain explanations of the YAML library's error codes. */
const yamlHints: Partial<Record<ErrorCode, string>> = {
  BLOCK_AS_IMPLICIT_KEY:
    "a value holds a colon: put a text with a colon in quotes, and start all fields in the same column",
  MULTILINE_IMPLICIT_KEY: 'a colon is missing: write "rate: 20", each field on a line of its own',
  BAD_INDENT:
    "the line is indented: start all fields in the same column, and close every bracket before the next field",
  MISSING_CHAR: 'a quote, a bracket or a colon is missing: close what is open, and write fields as "rate: 20"',
  TAB_AS_INDENT: "a tab stands before a field: indent with spaces",
  DUPLICATE_KEY: "a field appears twice: remove one",
  RESOURCE_EXHAUSTION: "lists are nested too deeply: a field has a value or one list",
};

/** Most characters of a YAML file. */
const longestYaml = 2 ** 20;

/** The scenario of a YAML file. Throws a UserError if there is no such file or it has a mistake. */
function readScenario(file: string): MergedScenario {
  try {
    return mergeFields(file, readFields(file));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // of a stack that is full
    throw new UserError(`${file} is not a scenario: its lists are nested too deeply.`, { cause: error });
  }
}

/** The fields of a file with their lines. Throws a UserError if the file is not YAML or has an unknown field. */
function readFields(file: string): FileField[] {
  const lines = new LineCounter();
  const text = readTextFile(file, scenarioRemedy).replaceAll(/\r\n?/g, "\n"); // to YAML each is a line end
  if (text.length > longestYaml)
    throw new UserError(
      `${file} is not a scenario: it is longer than 1 MiB. Name a trace by a name that ends in .csv.`,
    );
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  function notYaml(offset: number, problem: string, cause: unknown): UserError {
    const { line, col } = lines.linePos(offset);
    return new UserError(`${file}, line ${line}, column ${col}: this is not YAML: ${problem}.`, { cause });
  }
  const [error] = [...document.errors, ...document.warnings];
  if (error?.code === "MULTIPLE_DOCS")
    throw new UserError(`${file}, line ${lineAt(error.pos[0])}: a second scenario begins: use one file for each.`);
  if (error)
    throw notYaml(error.pos[0], yamlHints[error.code] ?? `${error.message.replace(/\.$/, "")}: ${quotingHint}`, error);
  if (!isMap(document.contents))
    throw new UserError(
      `${file} is not a scenario: write fields such as "extends: chat-1k" and "rate: 20", each on a line of its own.`,
    );
  return document.contents.items.map(({ key, value }) => {
    const offset = isScalar(key) && key.range ? key.range[0] : 0;
    const line = lineAt(offset);
    const name = atLine(file, line, () => fieldNamed(String(isScalar(key) ? key.value : key)));
    try {
      return { name, value: isNode(value) ? value.toJS(document) : null, line };
    } catch (cause) {
      throw notYaml(offset, `${errorMessage(cause)}: ${quotingHint}`, cause);
    }
  });
}
