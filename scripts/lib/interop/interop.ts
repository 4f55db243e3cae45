import type { Browser } from "playwright-core";
import { until } from "../../../scenarios/conformance/test-kit.ts";
import type { Address, Joining, Transport } from "../../../scenarios/contract.ts";
import { filled, joiningOf } from "../../../scenarios/transports/join-instructions.ts";
import { foreignerOf, type Foreigner } from "./external-tools.ts";
import { exitCodes } from "../cli.ts";
import { startServer } from "../testing/spawn-script.ts";
import { stepper, surfer, talker, type Visitor } from "./typed-clients.ts";

/** A way to join the server of a transport with what is not of this project. */
export interface Way {
  transport: string;
  who: Foreigner;
  join(address: Address): Visitor | Promise<Visitor>;
}

/** A page from the disk, and the browser that has it; undefined where there is none. */
export type Window = { browser: Browser; page: string } | undefined;

/** What is hosted for two visitors, and whether a word of one is for the other as well. */
const conversations = {
  "group chat": { scenario: "chat-100", forBoth: true },
  "robot chat": { scenario: "echo", forBoth: false },
};
export type Conversation = keyof typeof conversations;

/** The words, of five bytes each as the "hello" in whose place they are said. */
const words = ["wü-1", "wü-2"];

/** Every way in which a transport is joined by hand. */
export function waysOf(name: string, transport: Transport, window: Window): Way[] {
  const { talk = [], steps, browser: lines } = joiningOf(transport);
  const ways: Way[] = talk.map((command) => ({
    transport: name,
    who: foreignerOf(command),
    join: (address) => talker(filled(command, address)),
  }));
  if (steps)
    ways.push({
      transport: name,
      who: foreignerOf(Object.values(steps).join("\n")),
      join: (address) => stepper(stepsAt(steps, address)),
    });
  if (lines)
    ways.push({
      transport: name,
      who: { name: "chromium", version: window?.browser.version(), install: "apt-get install chromium" },
      join: (address) =>
        surfer(
          window!.browser,
          window!.page,
          lines.map((line) => filled(line, address)),
        ),
    });
  return ways;
}

function stepsAt({ enter, hear, say }: NonNullable<Joining["steps"]>, address: Address) {
  return { enter: filled(enter, address), hear: filled(hear, address), say: filled(say, address) };
}

/**
 * Has `npm run serve` host a conversation and two visitors join it in this way; each says a word. Resolves to the number of times that one
 * was heard; rejects where a visitor does not hear what is for it, or hears what is not, and where Ctrl-C does not end the server.
 */
export async function converse({ transport, join }: Way, conversation: Conversation): Promise<number> {
  const { scenario, forBoth } = conversations[conversation];
  const { child, seen, code, address } = await startServer("--transport", transport, "--scenario", scenario);
  const visitors: Visitor[] = [];
  try {
    for (const _ of words) visitors.push(await join(address));
    await until(() => seen.out.includes("  2 here"), "both have joined").catch((error: unknown) => {
      throw new Error(`${String(error)}; they said ${quoted(visitors)}`);
    });

    let heard = 0;
    for (const [i, word] of words.entries()) {
      const listeners = forBoth ? visitors : [visitors[i]!];
      await visitors[i]!.say(word);
      await until(() => listeners.every((each) => hears(each, word)), `"${word}" was heard`).catch((error: unknown) => {
        throw new Error(`${String(error)}; they heard ${quoted(listeners)}`);
      });
      heard += listeners.length;
    }
    const strange = words.filter((word, i) => !forBoth && visitors[1 - i]!.heard().includes(word));
    if (strange.length > 0) throw new Error(`"${strange[0]}" was for its speaker, and the other heard it`);
    return heard;
  } finally {
    for (const visitor of visitors) await visitor.leave();
    child.kill("SIGINT");
    const exit = await code;
    // oxlint-disable-next-line no-unsafe-finally -- whatever else was wrong, this is worse
    if (exit !== exitCodes.interrupted) throw new Error(`serve ended with ${exit}, not 130: ${seen.err}`);
  }
}

function hears(visitor: Visitor, word: string): boolean {
  if (visitor.heard().includes(word)) return true;
  visitor.look();
  return false;
}

function quoted(visitors: readonly Visitor[]): string {
  return visitors.map((visitor) => JSON.stringify(visitor.heard())).join(" and ");
}
