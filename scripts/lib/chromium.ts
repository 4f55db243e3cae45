import { chromium, type Browser } from "playwright-core";
import { errorMessage, RunError, UserError } from "../../scenarios/lib/errors.ts";
import { findProgram, isProgram, pathFolders } from "./find-program.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe"];
const macPaths = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Options that stop Chromium from sending requests of its own, and let it run without a screen. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Path of Chromium: the environment variable CHROMIUM, else the first one on the PATH. Throws a UserError if there is
 * none.
 */
export function findChromium(): string {
  const named = process.env["CHROMIUM"];
  const found =
    named === undefined ? (findProgram(names, pathFolders()) ?? macPaths.find(isProgram)) : [named].find(isProgram);
  if (found !== undefined) return found;
  throw new UserError(
    `Chromium was not found ${named === undefined ? "on the PATH" : `at CHROMIUM=${named}`}. Install it (Debian: apt-get install chromium), ` +
      `or set CHROMIUM=/path/to/chromium.`,
  );
}

/** Starts Chromium without a screen. Throws a UserError if there is none, and a RunError if it does not start. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  try {
    return await chromium.launch({ executablePath, args: flags });
  } catch (error) {
    throw new RunError(`${executablePath} does not start: ${errorMessage(error).split("\n")[0]}`, { cause: error });
  }
}
