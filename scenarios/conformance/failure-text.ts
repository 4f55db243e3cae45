import { AssertionError } from "node:assert/strict";
import { parse } from "node:path";
import { inspect } from "node:util";
import { UserError } from "../lib/errors.ts";

/** Characters of a value that are printed. */
const maxValueCharacters = 160;

/** Why a check failed, for a person: the found and the expected value, or the error and where it was thrown. */
export function failureText(thrown: unknown): string {
  if (thrown instanceof AssertionError && thrown.generatedMessage)
    return `found ${valueText(thrown.actual)}, expected ${valueText(thrown.expected)}`;
  if (!(thrown instanceof Error)) return `threw ${valueText(thrown)}`;
  if (thrown instanceof AssertionError) return thrown.message.split("\n\n")[0]!; // Node appends the values again
  const message = thrown.message.trim().replaceAll(/\s*\n\s*/g, " ");
  const isPlain = thrown.name === "Error" || thrown instanceof UserError;
  return isPlain ? message : `${thrown.name}: ${message}${locationText(thrown)}`;
}

function valueText(value: unknown): string {
  const text = inspect(value, { breakLength: Infinity, maxArrayLength: 5, maxStringLength: 60 });
  return text.length <= maxValueCharacters ? text : `${text.slice(0, maxValueCharacters)}...`;
}

/** The first line of the stack outside Node itself, as `, at file.js:12`. */
function locationText({ stack = "" }: Error): string {
  const [, file, line] = /^\s+at (?!.*\bnode:).*?((?:file:|\/)[^()]*?):(\d+):\d+\)?$/m.exec(stack) ?? [];
  return file === undefined ? "" : `, at ${parse(file).base}:${line}`;
}
