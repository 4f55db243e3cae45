import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { errorMessage, UserError } from "../../scenarios/lib/errors.ts";

/** Appends a line to a file of one JSON object per line. `replacer` is that of `JSON.stringify`. */
export function appendJsonLine(
  path: string,
  value: object,
  replacer?: (name: string, value: unknown) => unknown,
): void {
  appendFileSync(path, `${JSON.stringify(value, replacer)}\n`);
}

/**
 * The objects of such a file, none where it does not exist. A last line that was cut is left out. Throws a UserError
 * where a line is no object that has these fields. `what` names such an object: `observation of prove:rules`.
 */
export function readJsonLines(path: string, what: string, fields: readonly string[]): object[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line, i) => {
    const refuse = (why: string): UserError =>
      new UserError(`Line ${i + 1} of ${path} is no ${what}${why}. Name another file.`);
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch (error) {
      throw refuse(`: ${errorMessage(error)}`);
    }
    if (typeof parsed === "object" && parsed !== null && fields.every((name) => name in parsed)) return parsed;
    throw refuse("");
  });
}
