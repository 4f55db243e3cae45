import { RunError } from "../../scenarios/lib/errors.ts";
import type { GeneratorCounts } from "./generator.ts";

/**
 * The number that a pattern finds in a tool's output. Without a match it is `fallback`, or a RunError where there is
 * none.
 */
function find(out: string, pattern: RegExp, fallback?: number): number {
  const [, digits] = pattern.exec(out) ?? [];
  if (digits !== undefined) return Number(digits);
  if (fallback !== undefined) return fallback;
  throw new RunError(`nothing in its output matches ${String(pattern)}`);
}

/** Sum of all numbers that a pattern finds. */
function sum(out: string, pattern: RegExp): number {
  return [...out.matchAll(pattern)].reduce((total, [, digits]) => total + Number(digits), 0);
}

function parse(out: string): unknown {
  try {
    return JSON.parse(out);
  } catch {
    throw new RunError(`its output is not JSON: "${out.slice(0, 80)}"`);
  }
}

/** Reads the summary of `wrk`. */
export function readWrk(out: string): GeneratorCounts {
  return {
    roundTrips: find(out, /(\d+) requests in/),
    errors: find(out, /Non-2xx or 3xx responses: (\d+)/, 0) + sum(out, /(?:connect|read|write|timeout) (\d+)/g),
  };
}

/** Reads the summary of `h2load`. */
export function readH2load(out: string): GeneratorCounts {
  return {
    roundTrips: find(out, /(\d+) done/),
    errors: sum(out, /(\d+) (?:failed|errored|timeout)\b/g),
  };
}

/** Reads the summary of `ab`. */
export function readAb(out: string): GeneratorCounts {
  return {
    roundTrips: find(out, /Complete requests:\s+(\d+)/),
    errors: find(out, /Failed requests:\s+(\d+)/) + find(out, /Non-2xx responses:\s+(\d+)/, 0),
  };
}

/** Reads the output of `autocannon --json`. */
export function readAutocannon(out: string): GeneratorCounts {
  const result = parse(out) as Record<"2xx" | "non2xx" | "errors", number>;
  return { roundTrips: result["2xx"], errors: result.non2xx + result.errors };
}

/**
 * Reads the log of tsung. A block follows every ten seconds, and the first number of a line counts that block only.
 * tsung counts its own time limit as an error named `abort`. No block contains its last second.
 */
export function readTsung(out: string): GeneratorCounts {
  find(out, /stats: request (\d+)/);
  return {
    roundTrips: sum(out, /stats: request (\d+)/g),
    errors: sum(out, /stats: (?:error_(?!abort\b)\S+|[45]\d\d) (\d+)/g),
  };
}

/** Reads the summary at the end of Artillery's report. */
export function readArtillery(out: string): GeneratorCounts {
  const summary = out.slice(out.lastIndexOf("Summary report"));
  return {
    roundTrips: find(summary, /(?:http\.responses|websocket\.messages_received|socketio\.emit):\s\.+\s(\d+)/),
    errors: sum(summary, /^(?:errors\.\S+|vusers\.failed|http\.codes\.[45]\d\d):\s\.+\s(\d+)/gm),
  };
}

/** Reads the JSON that our own generators print. */
export function readOwn(out: string): GeneratorCounts {
  return parse(out) as GeneratorCounts;
}
