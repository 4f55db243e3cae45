import { scenarios } from "./scenarios.ts";
import { transports } from "./transports.ts";

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
  const titles = Object.entries(transports).map(([name, { title }]): [string, string] => {
    const reason = unavailable.get(name);
    return [name, reason === undefined ? title : `${title}. Unavailable: ${reason}`];
  });
  return `Scenarios:\n${lines(questions)}\n\nTransports:\n${lines(titles)}`;
}
