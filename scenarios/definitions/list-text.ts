import { hangingIndent } from "../../results/text/text-table.ts";
import { scenarios } from "../scenarios.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";
import { standardTransports, tlsSuffix } from "../transports/load-transport.ts";

/** A name, what stands in front of it, and what is said of it. */
type Entry = [mark: string, name: string, says: string];

/**
 * The scenarios with their questions and the transports with their titles, each above its variants, as text for a person, 80 columns wide.
 * `unavailable` says of transports that cannot run here why not.
 */
export function listText(unavailable: ReadonlyMap<string, string> = new Map()): string {
  const list = Object.entries<Transport>(transports);
  const standard = standardTransports();

  function entry(name: string, { title, variantOf }: Transport): Entry {
    const reason = unavailable.get(name);
    const mark = reason !== undefined ? "-" : standard.includes(name) ? "*" : "";
    return [
      mark.padEnd(variantOf === undefined ? 2 : 4),
      name,
      `${title}${reason === undefined ? "" : `. Unavailable: ${reason}`}`,
    ];
  }

  const families = list
    .filter(([, { variantOf }]) => variantOf === undefined)
    .flatMap((head) => [head, ...list.filter(([, { variantOf }]) => variantOf === head[0])]);
  const none = list.filter(([, { noTlsReason }]) => noTlsReason !== undefined).map(([name]) => name);
  const tls = `"${tlsSuffix}" behind a name, as in ws${tlsSuffix}: the same over TLS 1.3; not for ${none.join(", ")}`;
  const notes = [
    "*  measured where --transports names none; the others where they are named",
    ...(unavailable.size > 0 ? ["-  cannot run here"] : []),
    "   indented: a variant of the one above, which differs in just that",
    hangingIndent("   ", tls),
  ];
  return [
    "Scenarios:",
    ...lines(Object.entries(scenarios).map(([name, { question }]) => ["  ", name, question])),
    "",
    "Transports:",
    ...lines(families.map(([name, transport]) => entry(name, transport))),
    "",
    ...notes,
  ].join("\n");
}

function lines(entries: readonly Entry[]): string[] {
  const width = Math.max(...entries.map(([mark, name]) => mark.length + name.length));
  return entries.map(([mark, name, says]) => hangingIndent(`${(mark + name).padEnd(width)}  `, says));
}

/** The same as plain data. */
export function listJson(unavailable: ReadonlyMap<string, string> = new Map()) {
  const standard = standardTransports();
  return {
    scenarios: Object.entries(scenarios).map(([name, { question }]) => ({ name, question })),
    transports: Object.entries<Transport>(transports).map(([name, { title, variantOf, noTlsReason }]) => ({
      name,
      title,
      standard: standard.includes(name),
      variantOf,
      noTlsReason,
      unavailable: unavailable.get(name),
    })),
  };
}
