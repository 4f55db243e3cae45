import { RunError } from "../../scenarios/lib/errors.ts";
import type { GeneratorCounts } from "./generator.ts";

/** The number that a pattern finds in a tool's output; where it finds none, `otherwise`, or a RunError. */
function find(out: string, pattern: RegExp, otherwise?: number): number {
  const [, digits] = pattern.exec(out) ?? [];
  if (digits !== undefined) return Number(digits);
  if (otherwise !== undefined) return otherwise;
  throw new RunError(`nothing in its output matches ${String(pattern)}`);
}

/** The sum of all numbers that a pattern finds. */
function sum(out: string, pattern: RegExp): number {
  return [...out.matchAll(pattern)].reduce((total, [, digits]) => total + Number(digits), 0);
}

function parse(out: string): unknown {
  try {
    return JSON.parse(out);
  } catch {
    throw new RunError(`it prints no JSON but "${out.slice(0, 80)}"`);
  }
}

/** What `wrk` prints at its end. */
export function readWrk(out: string): GeneratorCounts {
  return {
    roundTrips: find(out, /(\d+) requests in/),
    errors: find(out, /Non-2xx or 3xx responses: (\d+)/, 0) + sum(out, /(?:connect|read|write|timeout) (\d+)/g),
  };
}

/** What `h2load` prints at its end. */
export function readH2load(out: string): GeneratorCounts {
  return {
    roundTrips: find(out, /(\d+) done/),
    errors: sum(out, /(\d+) (?:failed|errored|timeout)\b/g),
  };
}

/** What `ab` prints at its end. */
export function readAb(out: string): GeneratorCounts {
  return {
    roundTrips: find(out, /Complete requests:\s+(\d+)/),
    errors: find(out, /Failed requests:\s+(\d+)/) + find(out, /Non-2xx responses:\s+(\d+)/, 0),
  };
}

/** What `autocannon --json` prints. */
export function readAutocannon(out: string): GeneratorCounts {
  const result = parse(out) as Record<"2xx" | "non2xx" | "errors", number>;
  return { roundTrips: result["2xx"], errors: result.non2xx + result.errors };
}

/**
 * Tsung's log, which adds a block every ten seconds: the first number of a line is of that block alone. Its end by its own time limit
 * counts as an error called `abort`; what happened in its last second or so is in no block.
 */
export function readTsung(out: string): GeneratorCounts {
  find(out, /stats: request (\d+)/);
  return {
    roundTrips: sum(out, /stats: request (\d+)/g),
    errors: sum(out, /stats: (?:error_(?!abort\b)\S+|[45]\d\d) (\d+)/g),
  };
}

/** The summary at the end of Artillery's report. */
export function readArtillery(out: string): GeneratorCounts {
  const summary = out.slice(out.lastIndexOf("Summary report"));
  return {
    roundTrips: find(summary, /(?:http\.responses|websocket\.messages_received|socketio\.emit):\s\.+\s(\d+)/),
    errors: sum(summary, /^(?:errors\.\S+|vusers\.failed|http\.codes\.[45]\d\d):\s\.+\s(\d+)/gm),
  };
}

/** The line of JSON that our own generators print. */
export function readOwn(out: string): GeneratorCounts {
  return parse(out) as GeneratorCounts;
}
