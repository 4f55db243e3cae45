import { parse, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { errorMessage, didYouMean, UserError } from "../lib/errors.ts";
import type { Connect, Options } from "../contract.ts";
import { validateTransport } from "./validate-module.ts";
import type { Transport } from "./transport.ts";
import { transports } from "../transports.ts";

/** Defaults of the common options. Each is a value that a careful engineer would leave in production. */
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

/** Options without a default, which a transport may set all the same. */
const optionalOptions: readonly string[] = ["additionalHosts", "tls"] satisfies (keyof Options)[];

/** The options of a transport: the defaults, changed by the transport, changed by `overrides`. */
export function optionsFor(transport: Transport, overrides: Partial<Options>): Options {
  return { ...defaultOptions, ...transport.options, ...overrides };
}

/** Names of the transports that run if the user names none: all but variants and opt-in transports. */
export function standardTransports(): string[] {
  return Object.keys(transports).filter(isStandard);
}

/** Names of the transports that run only if the user names them. */
export function optInTransports(): string[] {
  return Object.keys(transports).filter((name) => !isStandard(name));
}

/** Names, with "+tls", of all transports that can run over TLS. */
export function tlsTransports(): string[] {
  const able = Object.entries<Transport>(transports).filter(([, { noTlsReason }]) => noTlsReason === undefined);
  return able.map(([name]) => withTlsSuffix(name));
}

function isStandard(name: string): boolean {
  const { variantOf, optIn } = (transports as Record<string, Transport>)[name]!;
  return variantOf === undefined && !optIn;
}

/** Suffix of a transport's name or of a module's path that makes it the variant over TLS. */
export const tlsSuffix = "+tls";

/** The name or path without "+tls"; undefined if it has no such suffix. */
export function withoutTlsSuffix(name: string): string | undefined {
  return name.endsWith(tlsSuffix) ? name.slice(0, -tlsSuffix.length) : undefined;
}

/** The name or path with "+tls". */
export function withTlsSuffix(name: string): string {
  return withoutTlsSuffix(name) === undefined ? name + tlsSuffix : name;
}

/** True if a name from the user is the path of a module, not a name on the list. */
export function isModulePath(name: string): boolean {
  return /[/\\]/.test(name);
}

const moreNames =
  "To see all names: npm run bench -- --list. For a module of your own, give a path with a slash, such as ./mine.js.";

/**
 * Loads a transport by its name on the list or by the path of a module. A name that ends in "+tls" means the same
 * transport over TLS. Throws a UserError if there is no such transport.
 */
export async function loadTransport(name: string): Promise<Transport> {
  const plain = withoutTlsSuffix(name);
  if (plain !== undefined) return overTls(plain, await loadTransport(plain));
  if (Object.hasOwn(transports, name)) return (transports as Record<string, Transport>)[name]!;
  if (!isModulePath(name))
    throw new UserError(
      `Unknown transport "${name}".${didYouMean(name, [...Object.keys(transports), "wss"], moreNames)}`,
    );
  const module = await import(pathToFileURL(resolve(name)).href).catch((cause: unknown) => {
    throw new UserError(`Cannot load the transport module ${name}: ${errorMessage(cause)}`, { cause });
  });
  if (typeof module.default === "function") return clientOnly(name, module.default as Connect);
  return validateTransport(name, module.default, [...Object.keys(defaultOptions), ...optionalOptions]);
}

/** The transport of a module that exports nothing but a client: its server is a target. */
function clientOnly(path: string, connect: Connect): Transport {
  const name = parse(path).name;
  return {
    title: `${name}, a client of a server of your own`,
    server: () => Promise.reject(new UserError(`${path} has no server half: name its server with --target URL.`)),
    client: () => Promise.resolve({ default: connect }),
    options: {},
    guarantees: {},
    clientLibrary: name,
    encodings: { text: "as the module writes it", binary: "as the module writes it" },
    socketsPerClient: 1,
  };
}

/** The variant of a transport over TLS. Throws a UserError if there can be none. */
function overTls(name: string, transport: Transport): Transport {
  const { title, options, noTlsReason } = transport;
  const label = transportLabel(name);
  if (noTlsReason !== undefined) throw new UserError(`${label} cannot run over TLS: ${noTlsReason}.`);
  if (options.tls) throw new UserError(`${label} already runs over TLS. Remove "${tlsSuffix}".`);
  return { ...transport, variantOf: name, title: `${title}, over TLS 1.3`, options: { ...options, tls: true } };
}

/**
 * Name of a transport in rows and messages: its name on the list, or the file name of its module, with "+tls" if it has
 * that.
 */
export function transportLabel(name: string): string {
  const plain = withoutTlsSuffix(name);
  if (plain !== undefined) return transportLabel(plain) + tlsSuffix;
  return Object.hasOwn(transports, name) ? name : parse(name).name;
}
