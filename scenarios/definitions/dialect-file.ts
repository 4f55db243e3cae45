import { existsSync } from "node:fs";
import { basename, extname } from "node:path";
import { isNode, LineCounter, parseDocument, type Document } from "yaml";
import { z } from "zod";
import { didYouMean, UserError } from "../lib/errors.ts";
import { parseDuration } from "../lib/parse-units.ts";
import { expandVariables } from "../lib/secrets.ts";
import { placeholdersIn, splitAt } from "../lib/template.ts";
import { readTextFile } from "../lib/text-file.ts";
import type { Condition, Dialect, SocketIoTalk } from "../lib/dialect.ts";

/** A dialect file: how to talk to a server and, optionally, where it is and how it is started. */
export interface ServerFile {
  dialect: Dialect;
  /** Transport that carries the dialect. Default: the command line names it. */
  transport?: string;
  /** URL of the server. Default: --target. */
  url?: string;
  /** Command that starts it for each trial. Default: --start, or it runs already. */
  start?: string;
  /** User and password, for MQTT. */
  user?: string;
  password?: string;
}

const text = z.string().min(1);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** A template: a text, or a mapping or list that is written as JSON. */
const template = z
  .union([text, z.record(z.string(), z.unknown()), z.array(z.unknown())])
  .transform((value) => (typeof value === "string" ? value : JSON.stringify(value)));
const conditionFields = z.strictObject({
  path: z.string().optional(),
  event: text.optional(),
  is: z.union([scalar, z.array(scalar)]).optional(),
  equals: z.string().optional(),
  starts: text.optional(),
  contains: text.optional(),
  matches: text.refine(isRegularExpression, "it is no regular expression").optional(),
});
/** A text alone is what the message contains; `anything` is any message. */
const condition = z.union([text, conditionFields]).transform(toCondition);
const request = z.strictObject({ method: text.default("GET"), path: text, body: template.optional() });
const sendRequest = z.strictObject({ method: text.default("POST"), path: text, body: template.default("{{text}}") });

const fileFields = z.strictObject({
  title: text.optional(),
  transport: text.optional(),
  url: text.optional(),
  start: text.optional(),
  enter: z
    .array(z.strictObject({ send: template.optional(), until: condition.optional(), refused: condition.optional() }))
    .default([]),
  say: template.optional(),
  hear: z
    .union([
      z.literal("whole"),
      z.strictObject({ path: text }),
      z.strictObject({ after: text }),
      z.strictObject({ between: z.tuple([text, text]) }),
    ])
    .default("whole"),
  ignore: z.union([condition, z.array(condition)]).default([]),
  answer: z.record(z.string(), template).default({}),
  speaker: z.enum(["included", "excluded"]).default("included"),
  match: z.enum(["text", "order"]).default("text"),
  frame: z
    .union([
      z.strictObject({ end: text }),
      z.strictObject({ bytes: z.int().positive() }),
      z.strictObject({ lengthPrefix: z.union([z.literal(1), z.literal(2), z.literal(4)]) }),
    ])
    .optional(),
  greeting: z.literal("ignored").optional(),
  "socket.io": z
    .strictObject({
      path: text.default("/socket.io/"),
      namespace: text.default("/"),
      auth: template.optional(),
      emit: text.default("message"),
      on: text.default("message"),
      acknowledgement: z.literal("answer").optional(),
    })
    .optional(),
  mqtt: z
    .strictObject({
      user: text.optional(),
      password: text.optional(),
      publish: text,
      subscribe: text,
      qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(0),
    })
    .optional(),
  polling: z
    .strictObject({
      open: request.extend({ session: text.optional() }).optional(),
      ask: request,
      send: sendRequest,
      messages: text.optional(),
      cursor: text.optional(),
      start: z.union([text, z.number()]).transform(String).optional(),
      interval: z.union([text, z.literal(0)]).default("1s"),
    })
    .optional(),
  sse: z.strictObject({ path: text, event: text.default("message"), send: sendRequest }).optional(),
});

/** Fields of a dialect file, for documentation. */
export const dialectFields: readonly string[] = Object.keys(fileFields.shape);

function isRegularExpression(source: string): boolean {
  try {
    return new RegExp(source, "su") instanceof RegExp;
  } catch {
    return false;
  }
}

function toCondition(value: string | z.infer<typeof conditionFields>): Condition {
  if (value === "anything") return { anything: true };
  if (typeof value === "string") return { contains: value };
  const { is, event, path, ...rest } = value;
  const parts = Object.fromEntries(Object.entries(rest).filter(([, part]) => part !== undefined));
  if (event !== undefined) return { ...parts, path: "event", is: [event] };
  return { ...parts, ...(path !== undefined && { path }), ...(is !== undefined && { is: [is].flat() }) };
}

/**
 * Reads a dialect file. Environment variables are filled in. Throws a UserError that names the line and the field where
 * there is no such file or it has a mistake.
 */
export function readDialectFile(file: string): ServerFile {
  if (/\.[cm]?js$/.test(file)) return moduleDialect(file);
  const lines = new LineCounter();
  const source = readTextFile(file, "Give the path of a dialect, such as --dialect chat.yaml.");
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const [broken] = [...document.errors, ...document.warnings];
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw new UserError(
      `${file}, line ${line}, column ${col}: this is not YAML: ${broken.message.replace(/\.$/, "")}.`,
    );
  }
  const parsed = fileFields.safeParse(withVariables(file, document.toJS() ?? {}));
  if (parsed.success) return fromFields(basename(file, extname(file)), file, parsed.data);
  throw new UserError(`${file}${placeOf(parsed.error.issues[0]!, document, lines)}`);
}

/** The dialect of a module. It is loaded by the clients, which say what is wrong with it. */
function moduleDialect(file: string): ServerFile {
  if (!existsSync(file))
    throw new UserError(`There is no file ${file}: give the path of a dialect, such as chat.yaml.`);
  const { dialect } = fromFields(basename(file, extname(file)), file, fileFields.parse({}));
  return { dialect: { ...dialect, module: file } };
}

/** Every text with the values of its environment variables. */
function withVariables(file: string, value: unknown): unknown {
  if (typeof value === "string") return expandVariables(file, value);
  if (Array.isArray(value)) return value.map((each) => withVariables(file, each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withVariables(file, each)]));
}

/** How fields with several forms are written. */
const forms: Record<string, string> = {
  hear: '{ path: data.text }, { after: "hello" }, { between: ["<", ">"] } or whole',
  frame: '{ end: "\\n" }, { bytes: 18 } or { lengthPrefix: 4 } (or 1, or 2)',
  until: "a text that the message contains, or { path: type, is: joined }",
  refused: "a text that the message contains, or { path: error }",
  ignore: "one condition or a list, such as { path: type, is: [welcome, ping] }",
};

/** Line and field of a mistake, and what is wrong there. */
function placeOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): string {
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0]! : undefined;
  const path = unknown === undefined ? issue.path : [...issue.path, unknown];
  const node = document.getIn(path, true) ?? document.getIn(issue.path.slice(0, -1), true);
  const line = isNode(node) && node.range ? `, line ${lines.linePos(node.range[0]).line}` : "";
  const name = path.join(".");
  if (unknown !== undefined)
    return `${line}: unknown field "${name}".${path.length === 1 ? didYouMean(unknown, dialectFields) : " See scenarios/README.md."}`;
  const form = forms[String(path.at(-1))];
  return `${line}: ${name || "the file"} is not valid: ${form === undefined ? issue.message : `write ${form}`}.`;
}

function fromFields(name: string, file: string, fields: z.infer<typeof fileFields>): ServerFile {
  const {
    transport,
    url,
    start,
    title: _title,
    mqtt,
    polling,
    sse,
    "socket.io": talk,
    frame,
    say,
    speaker,
    greeting,
    ignore,
    ...rest
  } = fields;
  const dialect: Dialect = {
    ...rest,
    enter: rest.enter.map(defined),
    name,
    file: basename(file),
    ignore: [ignore].flat(),
    speakerExcluded: speaker === "excluded",
    greeting: greeting !== undefined,
    ...(say !== undefined && { say }),
    ...(frame && { frame }),
    ...(talk && { socketIo: socketIoOf(talk) }),
    ...(mqtt && { mqtt: { publish: mqtt.publish, subscribe: mqtt.subscribe, qos: mqtt.qos } }),
    ...(sse && { sse: { ...sse } }),
    ...(polling && { polling: pollingOf(polling) }),
  };
  assertOnePayload(file, dialect);
  return {
    dialect,
    ...defined({ transport, url, start, user: mqtt?.user, password: mqtt?.password }),
  };
}

type FileFields = z.infer<typeof fileFields>;

function socketIoOf({ acknowledgement, ...talk }: NonNullable<FileFields["socket.io"]>): SocketIoTalk {
  return { ...defined(talk), acknowledged: acknowledgement !== undefined };
}

function pollingOf({
  interval,
  open,
  start,
  messages,
  cursor,
  ask,
  send,
}: NonNullable<z.infer<typeof fileFields>["polling"]>): NonNullable<Dialect["polling"]> {
  return {
    ask: defined(ask),
    send,
    intervalMs: interval === 0 ? 0 : parseDuration("polling.interval", interval),
    ...(open && { open: defined(open) }),
    ...defined({ start, messages, cursor }),
  };
}

/** An object without the fields that are undefined. */
function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}

/** Throws a UserError unless what a client says has the payload in it once. */
function assertOnePayload(file: string, { say, polling, sse, match }: Dialect): void {
  const said = say ?? polling?.send.body ?? sse?.send.body;
  if (said === undefined || splitAt(said, "text")) return;
  const times = placeholdersIn(said).filter((name) => name === "text").length;
  if (times === 0 && match === "order") return;
  throw new UserError(`${file}: what a client says has {{text}} ${times} times, and must have it once: ${said}`);
}
