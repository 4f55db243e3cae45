import { spawn } from "node:child_process";
import type { Browser } from "playwright-core";
import { projectFolder } from "../../../results/model/environment.ts";
import { signalProcessGroup } from "../../../scenarios/system/subprocess.ts";
import type { ManualClients } from "../../../scenarios/transports/transport.ts";

/** Somebody who joins a server by what `npm run serve` prints, typed as it stands there. */
export interface TypedClient {
  send(text: string): void | Promise<void>;
  /** Looks for news, where that does not come by itself. */
  look(): void;
  /** All that was printed so far. */
  received(): string;
  leave(): void | Promise<void>;
}

/** A shell in the project's folder whose standard input is what is typed; what it starts ends with it. */
function shell(args: readonly string[]) {
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

/** One command that says what is typed and prints what it hears. */
export function commandClient(command: string): TypedClient {
  const { type, printed, end } = shell(["-c", command]);
  return { send: type, look: () => undefined, received: printed, leave: end };
}

/** Commands that are typed one by one. Where hearing ends by itself, it is asked for again, but not before the last has come. */
export function shellClient({ enter, hear, say }: NonNullable<ManualClients["shell"]>): TypedClient {
  const { type, printed, end } = shell([]);
  const goesOn = hear.endsWith("&");
  let looks = 0;
  type(enter);
  if (goesOn) type(hear);
  return {
    send: (text) => type(say.replace("hello", text)),
    look() {
      if (goesOn || (looks > 0 && !printed().includes(`looked ${looks}`))) return;
      type(hear);
      type(`echo looked ${++looks}`);
    },
    received: printed,
    leave: end,
  };
}

/** A page from the disk, into whose console the lines are typed; the last is for saying something. */
export async function browserClient(browser: Browser, page: string, lines: readonly string[]): Promise<TypedClient> {
  const tab = await browser.newPage();
  let printed = "";
  tab.on("console", (message) => (printed += `${message.text()}\n`));
  await tab.goto(page);
  const console = await tab.context().newCDPSession(tab);
  async function type(expression: string): Promise<void> {
    const { exceptionDetails } = await console.send("Runtime.evaluate", {
      expression,
      replMode: true,
      awaitPromise: true,
    });
    if (exceptionDetails) printed += `${exceptionDetails.exception?.description ?? exceptionDetails.text}\n`;
  }
  for (const line of lines.slice(0, -1)) await type(line);
  return {
    send: (text) => type(lines.at(-1)!.replace("hello", text)),
    look: () => undefined,
    received: () => printed,
    leave: () => tab.close(),
  };
}
