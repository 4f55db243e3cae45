import { scenarios } from "./scenarios.ts";
import type { Transport } from "./contract.ts";
import { tlsSuffix, transports } from "./transports.ts";

/**
 * The scenarios with their questions and the transports with their titles, as text for a person. `unavailable` says of transports that cannot
 * run here why not.
 */
export function catalogue(unavailable: ReadonlyMap<string, string> = new Map()): string {
  const lines = (entries: [string, string][]): string => {
    const width = Math.max(...entries.map(([name]) => name.length));
    return entries.map(([name, says]) => `  ${name.padEnd(width)}  ${says}`).join("\n");
  };
  const questions = Object.entries(scenarios).map(([name, { question }]): [string, string] => [name, question]);
  const entries = Object.entries<Transport>(transports);
  const titles = entries.map(([name, { title }]): [string, string] => {
    const reason = unavailable.get(name);
    return [name, reason === undefined ? title : `${title}. Unavailable: ${reason}`];
  });
  const none = entries.filter(([, { withoutTls }]) => withoutTls !== undefined).map(([name]) => name);
  const tls = `"${tlsSuffix}" behind a name, as in ws${tlsSuffix}, is the same over TLS 1.3; not for ${none.join(" and ")}.`;
  return `Scenarios:\n${lines(questions)}\n\nTransports:\n${lines(titles)}\n\n${tls}`;
}
