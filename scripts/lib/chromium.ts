import { chromium, type Browser } from "playwright-core";
import { chromiumFlags, chromiumMissing, chromiumPath } from "../../scenarios/lib/chromium.ts";
import { errorMessage, RunError, UserError } from "../../scenarios/lib/errors.ts";

/** Starts Chromium without a screen. Throws a UserError if there is none, and a RunError if it does not start. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new UserError(`${chromiumMissing()}.`);
  try {
    return await chromium.launch({ executablePath, args: [...chromiumFlags] });
  } catch (error) {
    throw new RunError(`${executablePath} does not start: ${errorMessage(error).split("\n")[0]}`, { cause: error });
  }
}
