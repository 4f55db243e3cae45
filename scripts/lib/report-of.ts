import { basename } from "node:path";
import { compare } from "../../results/compare/compare.ts";
import { readNoiseFloor } from "../../results/compare/noise-floor.ts";
import { splitSides } from "../../results/compare/baseline.ts";
import { readResults, readTimeline } from "../../results/files/read.ts";
import type { ReportSource } from "../../results/report/text/load-groups.ts";
import type { ReportComparison } from "../../results/report/sections/comparison.ts";
import { reportPage } from "../../results/report/page.ts";
import { UserError } from "../../scenarios/lib/errors.ts";
import { userPath } from "./cli.ts";

/** The report page of result files, as the user named them. Throws a UserError where one cannot be read. */
export async function reportOf(files: readonly string[], note?: string): Promise<string> {
  const sources: ReportSource[] = [];
  for (const file of files) {
    const results = await readResults(userPath(file));
    const short = files.filter((other) => basename(other) === basename(file)).length === 1;
    sources.push({
      ...results,
      path: file,
      name: short ? basename(file) : file,
      points: await readTimeline(userPath(file)),
    });
  }
  return reportPage(sources, comparedSides(sources), note);
}

/**
 * Comparisons of later files with the first, or of the builds in one file. Files that cannot be compared still get a
 * page.
 */
function comparedSides(sources: readonly ReportSource[]): ReportComparison[] {
  const builds = new Set(sources.flatMap(({ rows }) => rows.map(({ build }) => build)));
  if (sources.length === 1 && builds.size === 1) return [];
  try {
    const [before, ...others] = splitSides(sources);
    const options = { renames: [], noiseFloor: readNoiseFloor() };
    return others.map((after) => attempt(() => compare(before, after, options)));
  } catch (error) {
    return [sentence(error)];
  }
}

function attempt(make: () => ReportComparison): ReportComparison {
  try {
    return make();
  } catch (error) {
    return sentence(error);
  }
}

function sentence(error: unknown): string {
  if (error instanceof UserError) return error.message;
  throw error;
}
