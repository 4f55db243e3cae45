import { AssertionError } from "node:assert/strict";
import { parse } from "node:path";
import { inspect } from "node:util";
import { UserError } from "../lib/errors.ts";

/** So much of a value is shown. */
const shownCharacters = 160;

/** Why a sentence fails, in a sentence for a person: what was found and what should have been, or what was thrown and where. */
export function failureText(thrown: unknown): string {
  if (thrown instanceof AssertionError && thrown.generatedMessage)
    return `found ${shown(thrown.actual)} where ${shown(thrown.expected)} should be`;
  if (!(thrown instanceof Error)) return `threw ${shown(thrown)}`;
  if (thrown instanceof AssertionError) return thrown.message.split("\n\n")[0]!; // what Node adds shows values again
  const said = thrown.message.trim().replaceAll(/\s*\n\s*/g, " ");
  return thrown.name === "Error" || thrown instanceof UserError ? said : `${thrown.name}: ${said}${place(thrown)}`;
}

function shown(value: unknown): string {
  const text = inspect(value, { breakLength: Infinity, maxArrayLength: 5, maxStringLength: 60 });
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}...`;
}

/** Where it was thrown, as `, at file.js:12`: the first place on its stack that is no part of Node. */
function place({ stack = "" }: Error): string {
  const [, file, line] = /^\s+at (?!.*\bnode:).*?((?:file:|\/)[^()]*?):(\d+):\d+\)?$/m.exec(stack) ?? [];
  return file === undefined ? "" : `, at ${parse(file).base}:${line}`;
}
