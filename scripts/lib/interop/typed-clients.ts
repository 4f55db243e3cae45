import { spawn } from "node:child_process";
import type { Browser } from "playwright-core";
import { projectFolder } from "../../../results/model/environment.ts";
import { signalProcessGroup } from "../../../scenarios/system/subprocess.ts";
import type { ManualClients } from "../../../scenarios/transports/transport.ts";

/** A client of a server that is typed in by the lines that `npm run serve` prints. */
export interface TypedClient {
  send(text: string): void | Promise<void>;
  /** Fetches new messages, if the client does not print them by itself. */
  poll(): void;
  /** Everything that the client has printed. */
  printed(): string;
  leave(): void | Promise<void>;
}

/** A shell in the project's folder. `type` writes to its standard input, `end` kills it and everything it started. */
function startShell(args: readonly string[]) {
  const child = spawn("bash", args, { cwd: projectFolder, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += String(chunk)));
  child.stdin.on("error", () => undefined);
  return {
    type: (line: string) => void child.stdin.write(`${line}\n`),
    printed: () => printed,
    end: () => signalProcessGroup(child.pid, "SIGKILL"),
  };
}

/** A client that is one command: it sends what is typed and prints what it receives. */
export function commandClient(command: string): TypedClient {
  const { type, printed, end } = startShell(["-c", command]);
  return { send: type, poll: () => undefined, printed, leave: end };
}

/**
 * A client of several commands that are typed into one shell. If `receive` does not stay in the background, `poll`
 * types it again, but only after the output of the last poll.
 */
export function shellClient({ join, receive, send }: NonNullable<ManualClients["shell"]>): TypedClient {
  const { type, printed, end } = startShell([]);
  const receivesInBackground = receive.endsWith("&");
  let polls = 0;
  type(join);
  if (receivesInBackground) type(receive);
  return {
    send: (text) => type(send.replace("hello", text)),
    poll() {
      if (receivesInBackground || (polls > 0 && !printed().includes(`end of poll ${polls}`))) return;
      type(receive);
      type(`echo end of poll ${++polls}`);
    },
    printed,
    leave: end,
  };
}

/** A client in the console of a browser, in a page from a file. The last of the lines sends a message. */
export async function browserClient(browser: Browser, pageUrl: string, lines: readonly string[]): Promise<TypedClient> {
  const page = await browser.newPage();
  let printed = "";
  page.on("console", (message) => (printed += `${message.text()}\n`));
  await page.goto(pageUrl);
  const devtools = await page.context().newCDPSession(page);
  async function type(expression: string): Promise<void> {
    const { exceptionDetails } = await devtools.send("Runtime.evaluate", {
      expression,
      replMode: true,
      awaitPromise: true,
    });
    if (exceptionDetails) printed += `${exceptionDetails.exception?.description ?? exceptionDetails.text}\n`;
  }
  for (const line of lines.slice(0, -1)) await type(line);
  return {
    send: (text) => type(lines.at(-1)!.replace("hello", text)),
    poll: () => undefined,
    printed: () => printed,
    leave: () => page.close(),
  };
}
