import { basename, dirname } from "node:path";
import { isIP } from "node:net";
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import type { TlsSettings } from "../../../scenarios/contract.ts";
import { readDialectFile, type ServerFile } from "../../../scenarios/definitions/dialect-file.ts";
import type { Target } from "../../../scenarios/definitions/target.ts";
import type { Dialect } from "../../../scenarios/lib/dialect.ts";
import { parseTargetUrl, type TargetUrl } from "../../../scenarios/definitions/target-url.ts";
import type { UrlProtocol } from "../../../scenarios/lib/addresses.ts";
import { errorMessage, UserError } from "../../../scenarios/lib/errors.ts";
import { expandVariables, keepSecret } from "../../../scenarios/lib/secrets.ts";
import { placeholdersIn } from "../../../scenarios/lib/template.ts";
import { isPublic, lookUpTarget } from "../../../scenarios/runner/look-up-target.ts";
import {
  loadTransport,
  transportLabel,
  withoutTlsSuffix,
  withTlsSuffix,
} from "../../../scenarios/transports/load-transport.ts";
import { transports } from "../../../scenarios/transports.ts";
import { transportNamed, userPath } from "../cli.ts";
import { targetProgram } from "./target-program.ts";

/** Flags about a server that is none of ours. */
export interface TargetFlags {
  target?: string;
  dialect?: string;
  header?: string[];
  subprotocol?: string;
  servername?: string;
  ca?: string;
  cert?: string;
  key?: string;
  insecure?: true;
  data?: string;
  dataReuse?: true;
  from?: string[];
  start?: string;
  targetPid?: number;
  yesThisIsMine?: true;
}

/** A target with the transport that carries its conversation. */
export interface ChosenTarget {
  transport: string;
  target: Target;
}

/** Options that say nothing without a target. */
const dependentFlags: Partial<Record<keyof TargetFlags, string>> = {
  header: "--header",
  subprotocol: "--subprotocol",
  servername: "--servername",
  ca: "--ca",
  cert: "--cert",
  key: "--key",
  insecure: "--insecure",
  data: "--data",
  dataReuse: "--data-reuse",
  from: "--from",
  dialect: "--dialect",
  start: "--start",
  targetPid: "--target-pid",
  yesThisIsMine: "--yes-this-is-mine",
};

/** Transports of protocols that only one transport speaks. */
const transportOfProtocol: Partial<Record<UrlProtocol, keyof typeof transports>> = {
  ws: "ws",
  tcp: "tcp",
  udp: "udp",
  mqtt: "mqtt",
  grpc: "grpc",
};

/** Throws a UserError where a flag is given that says nothing without --target. */
export function assertNoTargetFlags(flags: TargetFlags): void {
  const name = (Object.keys(dependentFlags) as (keyof TargetFlags)[]).find((each) => flags[each] !== undefined);
  if (name !== undefined)
    throw new UserError(`${dependentFlags[name]} is about a server of your own: name it with --target URL.`);
}

/**
 * The target that the flags name, or a dialect file that says itself where its server is. `named` is the transport of
 * the command line. Throws a UserError, one sentence, where they do not fit together.
 */
export async function chooseTarget(flags: TargetFlags, named: string | undefined): Promise<ChosenTarget> {
  const file = flags.dialect === undefined ? undefined : readDialectFile(userPath(flags.dialect));
  const given = flags.target ?? file?.url;
  if (given === undefined)
    throw new UserError(`${flags.dialect} does not say where its server is: add "url:" to it, or give --target URL.`);
  const what = flags.target === undefined ? `The url of ${flags.dialect}` : "--target";
  const url = parseTargetUrl(what, expandVariables(what, given));
  const transport = await transportFor(url, named ?? (file?.transport && transportNamed(file.transport)), file);
  if (file) assertCarries(transport, file.dialect);
  const target = await lookUpTarget(targetFrom(flags, url, file));
  assertAllowed(target, flags);
  assertColumns(target, flags.data);
  return { transport, target };
}

/** Fields of a dialect that need a certain transport. */
const carriers: readonly [field: keyof Dialect, title: string, transports: RegExp][] = [
  ["frame", "frame", /^tcp/],
  ["socketIo", "socket.io", /^socket\.io/],
  ["mqtt", "mqtt", /^mqtt/],
  ["polling", "polling", /poll/],
  ["sse", "sse", /sse/],
];

/** Throws a UserError where a dialect has a field that is for another transport. */
function assertCarries(transport: string, dialect: Dialect): void {
  const label = transportLabel(transport);
  const [, title] = carriers.find(([field, , fitting]) => dialect[field] !== undefined && !fitting.test(label)) ?? [];
  if (title !== undefined)
    throw new UserError(
      `${dialect.file} has the field ${title}, which is not for ${label}: remove it, or name another transport.`,
    );
}

/** The transport, over TLS where the URL says so. */
async function transportFor(
  { protocol, tls, title }: TargetUrl,
  named: string | undefined,
  file: ServerFile | undefined,
): Promise<string> {
  const name = named ?? impliedTransport(protocol, file);
  if (name === undefined)
    throw new UserError(
      `${title} does not say which transport it is: name it, such as --transports ${protocol === "http" ? "long-poll" : "ws"}.`,
    );
  const { protocols, noTlsReason } = await loadTransport(name);
  if (protocol !== undefined && protocols && !protocols.includes(protocol)) {
    const fitting = protocols.flatMap((each) => schemesOf(each, noTlsReason === undefined));
    throw new UserError(
      `${title} is no address for ${transportLabel(name)}, which takes ${fitting.join(", ")} or HOST:PORT.`,
    );
  }
  if (protocol !== undefined && !tls && withoutTlsSuffix(name) !== undefined)
    throw new UserError(`${title} is in clear text, and ${transportLabel(name)} runs over TLS: change one of them.`);
  return tls ? withTlsSuffix(name) : name;
}

function impliedTransport(protocol: UrlProtocol | undefined, file: ServerFile | undefined): string | undefined {
  const { socketIo, polling, sse, mqtt } = file?.dialect ?? {};
  if (socketIo) return "socket.io";
  if (polling) return polling.intervalMs === 0 ? "long-poll" : "short-poll";
  if (sse) return "sse";
  if (mqtt) return "mqtt";
  return protocol && transportOfProtocol[protocol];
}

/** Schemes of a protocol: `ws://` and `wss://`. */
function schemesOf(protocol: UrlProtocol, overTls: boolean): string[] {
  const encrypted = protocol === "tcp" ? "tls" : `${protocol}s`;
  return overTls && protocol !== "udp" ? [`${protocol}://`, `${encrypted}://`] : [`${protocol}://`];
}

function targetFrom(flags: TargetFlags, { address, tls, title }: TargetUrl, file: ServerFile | undefined): Target {
  const headers = { ...address.headers, ...Object.fromEntries((flags.header ?? []).map(parseHeader)) };
  const { host, socketPath } = address;
  const byName = socketPath === undefined && isIP(host) === 0;
  const program = targetProgram(flags);
  const ofFile = file?.start !== undefined && { start: file.start, folder: dirname(userPath(flags.dialect!)) };
  return {
    title,
    ...(file && { label: file.dialect.name, dialect: file.dialect }),
    ...(byName && { hostname: host }),
    ...(flags.from && { from: flags.from }),
    ...(program.pid === undefined && ofFile),
    ...program,
    ...(flags.data !== undefined && { data: readData(flags.data) }),
    addresses: [
      {
        ...address,
        ...(Object.keys(headers).length > 0 && { headers }),
        ...(flags.subprotocol !== undefined && { subprotocol: flags.subprotocol }),
        ...(file?.user !== undefined && { user: file.user }),
        ...(file?.password !== undefined && { password: file.password }),
        ...(tls && { tls: tlsSettings(flags, byName ? host : undefined) }),
      },
    ],
  };
}

/** Headers that make the request what it is. */
const ownHeaders = /^(host|connection|upgrade|content-length|transfer-encoding|sec-websocket-.*)$/i;

/** `Name: value`, with the values of environment variables. The value is a secret. */
function parseHeader(text: string): [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(\S.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new UserError(`--header "${text.split(":")[0]}" is no header: write --header 'Name: value'.`);
  const expanded = expandVariables(`--header "${name}"`, value);
  if (/[^\t\x20-\xff]/.test(expanded))
    throw new UserError(`--header "${name}" has a character that no header may have: encode its value.`);
  if (ownHeaders.test(name))
    throw new UserError(`--header "${name}" is a header that the client writes itself: leave it out.`);
  keepSecret(expanded);
  for (const word of expanded.split(/\s+/)) keepSecret(word); // a server may repeat the token without its scheme
  return [name.toLowerCase(), expanded];
}

function tlsSettings({ servername, ca, cert, key, insecure }: TargetFlags, hostname: string | undefined): TlsSettings {
  if ((cert === undefined) !== (key === undefined))
    throw new UserError("--cert and --key belong together: give the files of both.");
  const name = servername ?? hostname;
  return {
    ...(name !== undefined && { servername: name }),
    ...(ca !== undefined && { ca: pemFile("--ca", ca) }),
    ...(cert !== undefined && { cert: pemFile("--cert", cert) }),
    ...(key !== undefined && { key: pemFile("--key", key) }),
    ...(insecure && { insecure }),
  };
}

function pemFile(flag: string, path: string): string {
  const text = readUserFile(flag, path);
  if (text.includes("-----BEGIN ")) return text;
  throw new UserError(`${flag} ${path} is no PEM file: it has no line -----BEGIN ...-----.`);
}

function readUserFile(flag: string, path: string): string {
  try {
    return readFileSync(userPath(path), "utf8");
  } catch (error) {
    throw new UserError(`${flag} ${path} cannot be read (${errorMessage(error)}): give the path of a file.`);
  }
}

/** Lines of a CSV with a header. Their values are secrets: they may be tokens. */
function readData(path: string): Record<string, string>[] {
  const text = readUserFile("--data", path);
  try {
    const rows: Record<string, string>[] = parse(text, {
      columns: true,
      bom: true,
      skip_empty_lines: true,
      trim: true,
    });
    for (const row of rows) for (const value of Object.values(row)) keepSecret(value);
    if (rows.length > 0) return rows;
  } catch (error) {
    throw new UserError(`--data ${path} is no CSV: ${errorMessage(error)}.`);
  }
  throw new UserError(`--data ${path} has no line after its header: give each client a line.`);
}

/** Throws a UserError for a public address unless the user has said that it is theirs. */
function assertAllowed({ title, addresses }: Target, { yesThisIsMine }: TargetFlags): void {
  const open = addresses.find(({ host, socketPath }) => socketPath === undefined && isPublic(host));
  if (!open || yesThisIsMine) return;
  throw new UserError(
    `${title} is at the public address ${open.host}: a load test of somebody else's server is an attack. If it is yours, add --yes-this-is-mine.`,
  );
}

/** Throws a UserError where a template of the target names a column that --data does not have. */
function assertColumns({ addresses, dialect, data }: Target, path: string | undefined): void {
  const texts = [
    addresses[0]!.path ?? "",
    ...Object.values(addresses[0]!.headers ?? {}),
    JSON.stringify(dialect ?? ""),
  ];
  const columns = Object.keys(data?.[0] ?? {});
  const unknown = texts
    .flatMap(placeholdersIn)
    .find((name) => name.startsWith("data.") && !columns.includes(name.slice(5)));
  if (unknown === undefined) return;
  if (!data)
    throw new UserError(
      `{{${unknown}}} is a column of --data, which is not given: give a CSV with a line for each client.`,
    );
  throw new UserError(`{{${unknown}}} is no column of ${basename(path!)}: it has ${columns.join(", ")}.`);
}

/** Throws a UserError where there are fewer lines of --data than clients. */
export function assertEnoughData({ data }: Target, clients: number, { dataReuse, data: path }: TargetFlags): void {
  if (!data || data.length >= clients || dataReuse) return;
  throw new UserError(
    `${basename(path!)} has ${data.length} lines and the trial ${clients} clients: add lines, lower --clients, or give --data-reuse if several clients may share one.`,
  );
}
