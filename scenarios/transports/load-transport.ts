import { parse, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { errorMessage, didYouMean, UserError } from "../lib/errors.ts";
import type { Options } from "../contract.ts";
import { validateTransport } from "./validate-module.ts";
import type { Transport } from "./transport.ts";
import { transports } from "../transports.ts";

/** The common settings a transport starts from. Each is a value a careful engineer would leave in production. */
export const defaultOptions: Options = {
  host: "127.0.0.1",
  port: 0,
  handshakeMs: 10_000,
  idleMs: 20_000,
  heartbeatMs: 25_000,
  pollIntervalMs: 1_000,
  holdMs: 25_000,
  maxPayloadBytes: 2 * 1024 * 1024,
  queueBytes: 4 * 1024 * 1024,
  extraHeaderBytes: 0,
  phase: 0,
  transportOptions: {},
};

/** The transports that run where none is named: all but the variants and the extra ones. */
export function standardTransports(): string[] {
  return Object.keys(transports).filter(isStandard);
}

/** The transports that run only where they are named. */
export function optInTransports(): string[] {
  return Object.keys(transports).filter((name) => !isStandard(name));
}

/** The variants over TLS of all that can have one. */
export function tlsTransports(): string[] {
  const able = Object.entries<Transport>(transports).filter(([, { noTlsReason }]) => noTlsReason === undefined);
  return able.map(([name]) => withTlsSuffix(name));
}

function isStandard(name: string): boolean {
  const { variantOf, optIn } = (transports as Record<string, Transport>)[name]!;
  return variantOf === undefined && !optIn;
}

/** What follows the name of a transport, or the path of a module, where the same over TLS is meant: a variant of it. */
export const tlsSuffix = "+tls";
/** The name or path without that suffix; undefined where it has none. */
export function withoutTlsSuffix(name: string): string | undefined {
  return name.endsWith(tlsSuffix) ? name.slice(0, -tlsSuffix.length) : undefined;
}

/** The name that means the same over TLS. */
export function withTlsSuffix(name: string): string {
  return withoutTlsSuffix(name) === undefined ? name + tlsSuffix : name;
}

/** Whether a transport is named by the path of its module, and not as it is on the list. */
export function isModulePath(name: string): boolean {
  return /[/\\]/.test(name);
}
const whereNamed = "npm run bench -- --list names them all; the path of a module has a slash in it, as in ./mine.js.";
/**
 * The transport of that name, or the default export of the module at that path; with "+tls" behind it, the same over TLS. A UserError where
 * there is none.
 */
export async function loadTransport(name: string): Promise<Transport> {
  const plain = withoutTlsSuffix(name);
  if (plain !== undefined) return secured(plain, await loadTransport(plain));
  if (Object.hasOwn(transports, name)) return (transports as Record<string, Transport>)[name]!;
  if (!isModulePath(name))
    throw new UserError(`Unknown transport "${name}".${didYouMean(name, Object.keys(transports), whereNamed)}`);
  const module = await import(pathToFileURL(resolve(name)).href).catch((cause: unknown) => {
    throw new UserError(`Cannot load the transport module ${name}: ${errorMessage(cause)}`, { cause });
  });
  return validateTransport(name, module.default, [...Object.keys(defaultOptions), "alsoAt", "tls"]);
}

/** The variant of a transport over TLS; a UserError where there can be none. */
function secured(name: string, transport: Transport): Transport {
  const { title, options, noTlsReason } = transport;
  const label = transportLabel(name);
  if (noTlsReason !== undefined) throw new UserError(`${label} cannot be had over TLS: ${noTlsReason}.`);
  if (options.tls) throw new UserError(`${label} is spoken over TLS as it is: leave out "${tlsSuffix}".`);
  return { ...transport, variantOf: name, title: `${title}; over TLS 1.3`, options: { ...options, tls: true } };
}

/** What a transport is called in rows and sentences: its name on the list, or the file name of its module; "+tls" behind it stays. */
export function transportLabel(name: string): string {
  const plain = withoutTlsSuffix(name);
  if (plain !== undefined) return transportLabel(plain) + tlsSuffix;
  return Object.hasOwn(transports, name) ? name : parse(name).name;
}

/** The defaults, changed by the transport's own options, changed by the scenario's or the suite's. */
export function optionsFor(transport: Transport, overrides: Partial<Options>): Options {
  return { ...defaultOptions, ...transport.options, ...overrides };
}
