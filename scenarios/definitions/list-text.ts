import { hangingIndent } from "../../results/text/text-table.ts";
import { scenarios } from "../scenarios.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";
import { standardTransports, tlsSuffix } from "../transports/load-transport.ts";

/** The scenarios and transports of the lists, as `bench --list --format json` prints them. */
export interface ListData {
  scenarios: { name: string; question: string }[];
  transports: ListedTransport[];
}

interface ListedTransport {
  name: string;
  title: string;
  /** True if the transport runs without `--transports`. */
  standard: boolean;
  /** The transport of which it is a variant. */
  variantOf?: string;
  /** Why it cannot run over TLS. Default: "+tls" may be appended to its name. */
  noTlsReason?: string;
  /** Why it cannot run here. */
  unavailable?: string;
}

/**
 * All scenarios and transports, each transport followed by its variants. `unavailable` has the reasons of those that
 * cannot run here.
 */
export function listJson(unavailable: ReadonlyMap<string, string> = new Map()): ListData {
  const standard = new Set(standardTransports());
  const listed = Object.entries<Transport>(transports).map(([name, { title, variantOf, noTlsReason }]) => {
    const transport: ListedTransport = { name, title, standard: standard.has(name) };
    if (variantOf !== undefined) transport.variantOf = variantOf;
    if (noTlsReason !== undefined) transport.noTlsReason = noTlsReason;
    const reason = unavailable.get(name);
    if (reason !== undefined) transport.unavailable = reason;
    return transport;
  });
  const families = listed
    .filter(({ variantOf }) => variantOf === undefined)
    .flatMap((base) => [base, ...listed.filter(({ variantOf }) => variantOf === base.name)]);
  return {
    scenarios: Object.entries(scenarios).map(([name, { question }]) => ({ name, question })),
    transports: families,
  };
}

/** The same as text for a person, 80 columns wide: the text of `bench --list`. */
export function listText(unavailable: ReadonlyMap<string, string> = new Map()): string {
  const list = listJson(unavailable);
  const withoutTls = list.transports.filter(({ noTlsReason }) => noTlsReason !== undefined);
  const tlsNote =
    `${tlsSuffix}  appended to a name, as in ws${tlsSuffix}: the same over TLS 1.3 ` +
    `(not for ${withoutTls.map(({ name }) => name).join(", ")})`;
  return [
    "Scenarios:",
    ...indentedLines(list.scenarios.map(({ name, question }) => [`  ${name}`, question])),
    "",
    "Transports:",
    ...indentedLines(list.transports.map((transport) => [markedName(transport), describe(transport)])),
    "",
    "*  runs if --transports names none",
    ...(unavailable.size > 0 ? ["-  cannot run here"] : []),
    "   indented: a variant of the transport above",
    hangingIndent("", tlsNote),
  ].join("\n");
}

function markedName({ name, standard, variantOf, unavailable }: ListedTransport): string {
  const mark = unavailable !== undefined ? "-" : standard ? "*" : "";
  return mark.padEnd(variantOf === undefined ? 2 : 4) + name;
}

function describe({ title, unavailable }: ListedTransport): string {
  return unavailable === undefined ? title : `${title}. Unavailable: ${unavailable}`;
}

function indentedLines(entries: readonly [name: string, description: string][]): string[] {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, description]) => hangingIndent(`${name.padEnd(width)}  `, description));
}
