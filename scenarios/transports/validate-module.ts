import { didYouMean, UserError } from "../lib/errors.ts";
import type { Guarantees, PageWire, Transport } from "./transport.ts";

/** A rule for one field: whether it may be left out ("optional"), its kind in words, and a test of a value. */
type FieldRule = readonly [presence: "required" | "optional", kind: string, isValid: (value: unknown) => boolean];

const isString = (value: unknown): boolean => typeof value === "string" && value !== "";
const isFunction = (value: unknown): boolean => typeof value === "function";
const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isPositive = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0;
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const idlePeriodOptions: unknown[] = ["pollIntervalMs", "holdMs", "heartbeatMs", "none"];
const pageWires: PageWire[] = ["polling", "events", "stream", "websocket", "socket.io"];

const transportFields: Record<keyof Transport, FieldRule> = {
  title: ["required", "a line of text", isString],
  server: ["required", "a function", isFunction],
  client: ["required", "a function", isFunction],
  options: ["required", "an object; {} changes no default", isObject],
  guarantees: ["required", "an object; {} guarantees everything", isObject],
  clientLibrary: ["required", 'a line of text, such as "node:net"', isString],
  encodings: [
    "required",
    "an object with two lines of text, text and binary",
    (value) =>
      isObject(value) && "text" in value && isString(value.text) && "binary" in value && isString(value.binary),
  ],
  socketsPerClient: ["required", "a whole number", isCount],
  clientsPerPage: ["optional", "a whole number above 0", isPositive],
  variantOf: ["optional", "the name of a transport", isString],
  protocols: ["optional", "a list of protocols, such as ws", (value) => Array.isArray(value) && value.every(isString)],
  http2: ["optional", "true", (value) => value === true],
  streamsResponse: ["optional", "true", (value) => value === true],
  optIn: ["optional", "true", (value) => value === true],
  idlePeriodOption: [
    "optional",
    idlePeriodOptions.map(String).join(" or "),
    (value) => idlePeriodOptions.includes(value),
  ],
  ownAddress: ["optional", "false", (value) => value === false],
  reconnects: ["optional", '"library"', (value) => value === "library"],
  overTcp: ["optional", "false", (value) => value === false],
  noTlsReason: ["optional", "a line of text", isString],
  unavailable: ["optional", "a function", isFunction],
  manualClients: ["optional", "an object", isObject],
  page: ["optional", pageWires.join(" or "), (value) => pageWires.some((wire) => wire === value)],
};

const guaranteeFields: Record<keyof Guarantees, FieldRule> = {
  ordered: ["optional", "true or false", isBoolean],
  reliable: ["optional", "true or false", isBoolean],
  binary: ["optional", "true or false", isBoolean],
  maxPayloadBytes: ["optional", "a whole number above 0", isPositive],
  deliveryBoundMs: ["optional", "a function", isFunction],
  flushesOnClose: ["optional", "true or false", isBoolean],
  stopsReading: ["optional", "true or false", isBoolean],
  apps: ["optional", "a list of names", (value) => Array.isArray(value) && value.every(isString)],
};

/**
 * Checks the default export of the module at `path`. `optionNames` are the options that a transport may set. Throws a
 * UserError that names the field at fault and what it must be.
 */
export function validateTransport(path: string, value: unknown, optionNames: readonly string[]): Transport {
  const reject = (problem: string): never => {
    throw new UserError(`${path} is not a transport: ${problem}`);
  };
  if (!isObject(value)) return reject("it has no default export that is an object.");
  const checkFields = (prefix: string, object: object, rules: Record<string, FieldRule>): void => {
    for (const [name, [presence, kind, isValid]] of Object.entries(rules)) {
      const found: unknown = (object as Record<string, unknown>)[name];
      if (found === undefined && presence === "optional") continue;
      if (!isValid(found)) reject(`${prefix}${name} ${found === undefined ? "is missing: it " : ""}must be ${kind}.`);
    }
    rejectUnknown(prefix, object, Object.keys(rules));
  };
  const rejectUnknown = (prefix: string, object: object, names: readonly string[]): void => {
    const unknown = Object.keys(object).find((name) => !names.includes(name));
    if (unknown !== undefined) reject(`unknown field "${prefix}${unknown}".${didYouMean(unknown, names)}`);
  };
  checkFields("", value, transportFields);
  const { guarantees, options } = value as Transport;
  checkFields("guarantees.", guarantees, guaranteeFields);
  rejectUnknown("options.", options, optionNames);
  return value as Transport;
}
