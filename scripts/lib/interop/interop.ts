import type { Browser } from "playwright-core";
import type { Address } from "../../../scenarios/contract.ts";
import { fillPlaceholders, manualClientsOf } from "../../../scenarios/transports/join-instructions.ts";
import { externalToolOf, type ExternalTool } from "./external-tools.ts";
import { exitCodes } from "../cli.ts";
import { startServeScript } from "../testing/spawn-script.ts";
import { shellClient, browserClient, commandClient, type TypedClient } from "./typed-clients.ts";
import type { ManualClients, Transport } from "../../../scenarios/transports/transport.ts";
import { until } from "../../../scenarios/lib/until.ts";

/** A way to join the server of a transport with what is not of this project. */
export interface InteropWay {
  transport: string;
  who: ExternalTool;
  join(address: Address): TypedClient | Promise<TypedClient>;
}

/** A page from the disk, and the browser that has it; undefined where there is none. */
export type BrowserWindow = { browser: Browser; page: string } | undefined;

/** What is hosted for two visitors, and whether a word of one is for the other as well. */
const conversations = {
  "group chat": { scenario: "chat-100", forBoth: true },
  "robot chat": { scenario: "echo", forBoth: false },
};
export type HostedApp = keyof typeof conversations;

/** The words, of five bytes each as the "hello" in whose place they are said. */
const words = ["wü-1", "wü-2"];

/** Every way in which a transport is joined by hand. */
export function waysToJoin(name: string, transport: Transport, window: BrowserWindow): InteropWay[] {
  const { commands = [], shell, browser: lines } = manualClientsOf(transport);
  const ways: InteropWay[] = commands.map((command) => ({
    transport: name,
    who: externalToolOf(command),
    join: (address) => commandClient(fillPlaceholders(command, address)),
  }));
  if (shell)
    ways.push({
      transport: name,
      who: externalToolOf(Object.values(shell).join("\n")),
      join: (address) => shellClient(stepsAt(shell, address)),
    });
  if (lines)
    ways.push({
      transport: name,
      who: { name: "chromium", version: window?.browser.version(), install: "apt-get install chromium" },
      join: (address) =>
        browserClient(
          window!.browser,
          window!.page,
          lines.map((line) => fillPlaceholders(line, address)),
        ),
    });
  return ways;
}

function stepsAt({ enter, hear, say }: NonNullable<ManualClients["shell"]>, address: Address) {
  return {
    enter: fillPlaceholders(enter, address),
    hear: fillPlaceholders(hear, address),
    say: fillPlaceholders(say, address),
  };
}

/**
 * Has `npm run serve` host a conversation and two visitors join it in this way; each says a word. Resolves to the number of times that one
 * was heard; rejects where a visitor does not hear what is for it, or hears what is not, and where Ctrl-C does not end the server.
 */
export async function runInterop({ transport, join }: InteropWay, conversation: HostedApp): Promise<number> {
  const { scenario, forBoth } = conversations[conversation];
  const { child, seen, code, address } = await startServeScript("--transport", transport, "--scenario", scenario);
  const visitors: TypedClient[] = [];
  try {
    for (const _ of words) visitors.push(await join(address));
    await until(() => seen.out.includes("  2 here"), "both have joined").catch((error: unknown) => {
      throw new Error(`${String(error)}; they said ${quoted(visitors)}`);
    });

    let received = 0;
    for (const [i, word] of words.entries()) {
      const listeners = forBoth ? visitors : [visitors[i]!];
      await visitors[i]!.send(word);
      await until(() => listeners.every((each) => hears(each, word)), `"${word}" was heard`).catch((error: unknown) => {
        throw new Error(`${String(error)}; they heard ${quoted(listeners)}`);
      });
      received += listeners.length;
    }
    const strange = words.filter((word, i) => !forBoth && visitors[1 - i]!.received().includes(word));
    if (strange.length > 0) throw new Error(`"${strange[0]}" was for its speaker, and the other heard it`);
    return received;
  } finally {
    for (const visitor of visitors) await visitor.leave();
    child.kill("SIGINT");
    const exit = await code;
    // oxlint-disable-next-line no-unsafe-finally -- whatever else was wrong, this is worse
    if (exit !== exitCodes.interrupted) throw new Error(`serve ended with ${exit}, not 130: ${seen.err}`);
  }
}

function hears(visitor: TypedClient, word: string): boolean {
  if (visitor.received().includes(word)) return true;
  visitor.look();
  return false;
}

function quoted(visitors: readonly TypedClient[]): string {
  return visitors.map((visitor) => JSON.stringify(visitor.received())).join(" and ");
}
