import { scenarios } from "./scenarios.ts";
import { transports } from "./transports.ts";

/** The scenarios with their questions and the transports with their titles, as text for a person. */
export function catalogue(): string {
  const lines = (entries: [string, string][]): string => {
    const width = Math.max(...entries.map(([name]) => name.length));
    return entries.map(([name, says]) => `  ${name.padEnd(width)}  ${says}`).join("\n");
  };
  const questions = Object.entries(scenarios).map(([name, { question }]): [string, string] => [name, question]);
  const titles = Object.entries(transports).map(([name, { title }]): [string, string] => [name, title]);
  return `Scenarios:\n${lines(questions)}\n\nTransports:\n${lines(titles)}`;
}
