import { didYouMean, UserError } from "../lib/errors.ts";
import type { Guarantees, Transport } from "./transport.ts";

/** Whether a field may be left out (`?`), what it has to be, in words, and whether a value is that. */
type Field = readonly [must: "" | "?", what: string, is: (value: unknown) => boolean];

const isString = (value: unknown): boolean => typeof value === "string" && value !== "";
const isFunction = (value: unknown): boolean => typeof value === "function";
const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isPositive = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0;
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const cycles: unknown[] = ["pollIntervalMs", "holdMs", "heartbeatMs", "none"];

const transportFields: Record<keyof Transport, Field> = {
  title: ["", "a line of text", isString],
  clientLibrary: ["", 'a line of text, such as "node:net"', isString],
  encodings: [
    "",
    "an object with two lines of text, text and binary",
    (value) =>
      isObject(value) && "text" in value && isString(value.text) && "binary" in value && isString(value.binary),
  ],
  socketsPerClient: ["", "a whole number", isCount],
  server: ["", "a function", isFunction],
  client: ["", "a function", isFunction],
  options: ["", "an object; {} leaves all as they are", isObject],
  guarantees: ["", "an object; {} guarantees everything", isObject],
  variantOf: ["?", "the name of a transport", isString],
  optIn: ["?", "true", (value) => value === true],
  idlePeriodOption: ["?", cycles.map(String).join(" or "), (value) => cycles.includes(value)],
  unavailable: ["?", "a function", isFunction],
  manualClients: ["?", "an object", isObject],
  noTlsReason: ["?", "a line of text", isString],
};

const promiseFields: Record<keyof Guarantees, Field> = {
  ordered: ["?", "true or false", isBoolean],
  reliable: ["?", "true or false", isBoolean],
  binary: ["?", "true or false", isBoolean],
  maxPayloadBytes: ["?", "a whole number above 0", isPositive],
  deliveryBoundMs: ["?", "a function", isFunction],
  flushesOnClose: ["?", "true or false", isBoolean],
  apps: ["?", "a list of names", (value) => Array.isArray(value) && value.every(isString)],
};

/** The default export of the module at `path` as a transport; a UserError that says what of it is none. `settings` are the options there are. */
export function validateTransport(path: string, value: unknown, settings: readonly string[]): Transport {
  const refuse = (what: string): never => {
    throw new UserError(`${path} is not a transport: ${what}`);
  };
  const check = (of: string, object: object, fields: Record<string, Field>): void => {
    for (const [name, [must, what, is]] of Object.entries(fields)) {
      const found: unknown = (object as Record<string, unknown>)[name];
      if (found === undefined && must === "?") continue;
      if (!is(found))
        refuse(`${of}${name} is ${found === undefined ? "missing" : "something else"}, and must be ${what}.`);
    }
    const names = Object.keys(fields);
    const strange = Object.keys(object).find((name) => !names.includes(name));
    if (strange !== undefined) refuse(`nothing knows its "${of}${strange}".${didYouMean(strange, names)}`);
  };
  if (!isObject(value)) return refuse("it has no default export that is an object.");
  check("", value, transportFields);
  const { guarantees, options } = value as Transport;
  check("promises.", guarantees, promiseFields);
  const strange = Object.keys(options).find((name) => !settings.includes(name));
  if (strange !== undefined) refuse(`nothing knows its "options.${strange}".${didYouMean(strange, settings)}`);
  return value as Transport;
}
