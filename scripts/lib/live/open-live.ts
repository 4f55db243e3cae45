import type { LiveRun } from "./live-run.ts";

/**
 * Opens the page that --live asks for, at this port or a free one, and prints its link. Undefined without --live, whose
 * code is then not even loaded. Throws a UserError where the port cannot be taken.
 */
export async function openLive(
  live: number | true | undefined,
  run: string,
  scenario: string,
): Promise<LiveRun | undefined> {
  if (live === undefined) return undefined;
  const { openLiveRun } = await import("./live-run.ts");
  const opened = await openLiveRun(live === true ? 0 : live, run, scenario);
  console.log(`Live: ${opened.url}`);
  return opened;
}
