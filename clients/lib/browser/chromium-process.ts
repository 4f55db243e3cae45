import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumFlags, chromiumMissing, chromiumPath } from "../../../scenarios/lib/chromium.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { watchGroup } from "../../../scenarios/lib/group-watchdog.ts";
import { DevTools } from "./devtools.ts";

/**
 * Options for pages that nobody looks at and that are clients all the same: no timer of theirs is slowed down, and they
 * may connect to any address.
 */
const pageFlags = [
  "--headless",
  "--no-startup-window",
  "--remote-debugging-pipe",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-ipc-flooding-protection",
  "--disable-dev-shm-usage",
  "--disable-breakpad",
  "--disable-extensions",
  "--disable-default-apps",
  "--mute-audio",
  "--password-store=basic",
  "--no-proxy-server",
  "--disable-features=HttpsUpgrades,LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets,MediaRouter,OptimizationHints,PreloadTopChromeWebUI,SpareRendererForSitePerProcess,Translate",
];

/** A running Chromium. It ends with this process, for whatever reason that ends. */
export interface ChromiumProcess {
  devtools: DevTools;
  /** Id of its process group. */
  group: number;
  /** True while this process must not end, since it has clients in a page. */
  keepAlive(isNeeded: boolean): void;
}

/**
 * Starts Chromium in a process group of its own, with a profile that is removed after its end. Calls `ended` with a
 * sentence when it ends. Throws a UserError where there is no Chromium.
 */
export function startChromium(ended: (reason: Error) => void): ChromiumProcess {
  const path = chromiumPath();
  if (path === undefined) throw new UserError(`${chromiumMissing()}.`);
  const folder = mkdtempSync(join(tmpdir(), "chromium-"));
  const child = spawn(path, [...chromiumFlags, ...pageFlags, `--user-data-dir=${folder}`], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const pipes = child.stdio.slice(3) as unknown as [Socket, Socket];
  const devtools = new DevTools(...pipes);
  const watchdog = child.pid === undefined ? undefined : watchGroup(child.pid, folder);
  const end = (how: string): void => {
    const reason = new Error(`${path} ${how}`);
    devtools.end(reason);
    if (watchdog) watchdog.kill();
    else rmSync(folder, { recursive: true });
    ended(reason);
  };
  child.once("error", (error) => end(`could not be started: ${error.message}`));
  child.once("exit", (code, signal) => end(signal ? `was killed by ${signal}` : `ended with code ${code}`));
  watchdog?.unref();
  return {
    devtools,
    group: child.pid ?? 0,
    keepAlive(isNeeded) {
      for (const each of [child, ...pipes]) {
        if (isNeeded) each.ref();
        else each.unref();
      }
    },
  };
}
