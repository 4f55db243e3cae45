import { findProgram, isProgram, pathFolders } from "./find-program.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe"];
const macPaths = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Options that stop Chromium from sending requests of its own, and let it run without a screen. */
export const chromiumFlags: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Path of Chromium: the environment variable CHROMIUM, else the first one on the PATH. Undefined without one. */
export function chromiumPath(): string | undefined {
  const named = process.env["CHROMIUM"];
  if (named !== undefined) return isProgram(named) ? named : undefined;
  return findProgram(names, pathFolders()) ?? macPaths.find(isProgram);
}

/** Why there is no Chromium, as two sentences without a full stop at the end: the second one is the remedy. */
export function chromiumMissing(): string {
  const named = process.env["CHROMIUM"];
  return (
    `Chromium was not found ${named === undefined ? "on the PATH" : `at CHROMIUM=${named}`}. ` +
    `Install it (Debian: apt-get install chromium), or set CHROMIUM=/path/to/chromium`
  );
}
