import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { textTable, wrapText, type TextColumn } from "../results/text/text-table.ts";
import { errorMessage, UserError } from "../scenarios/lib/errors.ts";
import { transports } from "../scenarios/transports.ts";
import { launchChromium } from "./lib/chromium.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";
import { runInterop, waysToJoin, type HostedApp, type InteropWay } from "./lib/interop/interop.ts";
import { endAllScripts } from "./lib/testing/spawn-script.ts";
import type { Transport } from "../scenarios/transports/transport.ts";
import { loadTransport, tlsSuffix } from "../scenarios/transports/load-transport.ts";

const command = commandNamed(
  "test:foreign",
  "Has nc, curl, mosquitto_sub, a browser and others join the servers as npm run serve says, and checks what they hear.",
).option("--transports <names>", "comma-separated names (default: every one that can be joined)");

/** Some that are joined in the same way over TLS. */
const overTls = ["long-poll", "sse", "h2-sse", "ws", "socket.io", "socket.io-default", "tcp-lines"].map(
  (name) => name + tlsSuffix,
);

/** Ways that are tried at the same time: each mostly waits. */
const lanes = 4;

/** What became of a way: how often a word was heard in either conversation, or what went wrong. */
interface Outcome extends InteropWay {
  heard: Partial<Record<HostedApp, number>>;
  wrong?: string;
}

const shown: TextColumn<Outcome>[] = [
  { heading: "transport", value: ({ transport }) => transport },
  { heading: "client", value: ({ who }) => who.name },
  { heading: "version", value: ({ who }) => who.version ?? "" },
  { heading: "group\nheard", number: true, value: ({ heard: received }) => of(received["group chat"], 4) },
  { heading: "robot\nheard", number: true, value: ({ heard: received }) => of(received["robot chat"], 2) },
  {
    heading: "\n",
    value: ({ who, wrong }) => (who.version === undefined ? who.install : wrong === undefined ? "ok" : "NO"),
  },
];

await main(async () => {
  const { transports: given } = command.parse().opts<{ transports?: string }>();
  const folder = mkdtempSync(join(tmpdir(), "foreign-"));
  writeFileSync(join(folder, "page.html"), "<!doctype html><title>A page from the disk</title>");
  const browser = await launchChromium().catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  try {
    const window = browser && { browser, page: pathToFileURL(join(folder, "page.html")).href };
    const ways = (await joinable(given)).flatMap(([name, transport]) => waysToJoin(name, transport, window));
    const outcomes: Outcome[] = [];
    const waiting = ways.entries();
    const lane = async (): Promise<void> => {
      for (const [i, way] of waiting) outcomes[i] = await tried(way);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    console.log(textTable(shown, outcomes));
    console.log("\nTwo clients of a kind join as npm run serve says and each says a word: in group chat both hear it,");
    console.log("in robot chat its speaker alone.");
    const failed = outcomes.filter(({ wrong }) => wrong !== undefined);
    for (const { transport, who, wrong } of failed) console.log(wrapText(`${transport} by ${who.name}: ${wrong}.`));
    const missing = new Set(outcomes.filter(({ who }) => who.version === undefined).map(({ who }) => who.install));
    if (missing.size > 0) console.log(`Not tried for want of a program: ${[...missing].join("; ")}.`);
    return failed.length === 0 ? exitCodes.done : exitCodes.rowFailed;
  } finally {
    endAllScripts();
    await browser?.close();
    rmSync(folder, { recursive: true });
  }
});

/**
 * The transports that are asked for, or of all that can be joined the first with each kind of server. One with a chat of its own tells nobody
 * who is there, which is waited for here.
 */
async function joinable(given: string | undefined): Promise<[string, Transport][]> {
  const servers = new Set<string>();
  function isFirst([name, { manualClients: way, variantOf, options, guarantees }]: [string, Transport]): boolean {
    if (guarantees.apps) return false;
    const server = JSON.stringify([way, variantOf ?? name, options.transportOptions]);
    const known = servers.has(server);
    servers.add(server);
    return way !== undefined && !known;
  }
  const firsts = Object.entries<Transport>(transports).filter(isFirst);
  const every = [...firsts.map(([name]) => name), ...overTls];
  const names = given?.split(",").map((name) => name.trim()) ?? every;
  const all = names.map(async (name): Promise<[string, Transport]> => [name, await loadTransport(name)]);
  const found = await Promise.all(all);
  const silent = found.find(([name, transport]) => waysToJoin(name, transport, undefined).length === 0);
  if (silent) throw new UserError(`No common tool speaks ${silent[0]}: leave it out.`);
  return found;
}

async function tried(way: InteropWay): Promise<Outcome> {
  const received: Outcome["heard"] = {};
  if (way.who.version === undefined) return { ...way, heard: received };
  try {
    for (const conversation of ["group chat", "robot chat"] as const)
      received[conversation] = await runInterop(way, conversation);
    return { ...way, heard: received };
  } catch (error) {
    return { ...way, heard: received, wrong: errorMessage(error) };
  }
}

function of(received: number | undefined, all: number): string {
  return received === undefined ? "-" : `${received} of ${all}`;
}
