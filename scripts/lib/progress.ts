import { Listr, type ListrTask } from "listr2";
import { errorMessage } from "../../scenarios/lib/errors.ts";
import type { ProgressView } from "../../scenarios/runner/progress.ts";

/** What is shown of a trial at its end. */
interface Ending {
  failed: boolean;
  summary: string;
  /** Set where an error ends the command, which then says it on standard error. */
  thrown?: true;
}

/**
 * Shows a trial while it runs, then its last line: in place on a terminal, else as one plain line per phase. An error
 * of `work` is shown and thrown on.
 */
export async function showTrial(
  name: string,
  work: (show: (view: ProgressView) => void) => Promise<Ending>,
): Promise<void> {
  let thrown: unknown;
  const ended = (show: (view: ProgressView) => void): Promise<Ending> =>
    work(show).catch((error: unknown) => {
      thrown = error;
      return { failed: true, summary: errorMessage(error), thrown: true };
    });
  await (canMoveCursor() ? showInPlace(name, ended) : showLines(name, ended));
  if (thrown) throw thrown;
}

/** False where control characters would be read as text: in a file, in the log of a CI system, on a dumb terminal. */
function canMoveCursor(): boolean {
  const { TERM = "", CI, NO_COLOR } = process.env;
  const isDumb = process.platform !== "win32" && ["", "dumb"].includes(TERM);
  return process.stdout.isTTY && !isDumb && !CI && !NO_COLOR;
}

async function showInPlace(name: string, work: (show: (view: ProgressView) => void) => Promise<Ending>): Promise<void> {
  const task: ListrTask = {
    title: name,
    async task(_context, line) {
      const { failed, summary } = await work((view) => (line.title = `${name}  ${sentence(view)}`));
      line.title = failed ? name : `${name}  ${summary}`;
      if (failed) throw new Error(`${name}  ${summary}`);
    },
  };
  await new Listr([task], { registerSignalListeners: false, exitOnError: false, renderer: "default" }).run();
}

async function showLines(name: string, work: (show: (view: ProgressView) => void) => Promise<Ending>): Promise<void> {
  let phase: ProgressView["phase"] | undefined;
  console.log(`❯ ${name}`);
  const { failed, summary, thrown } = await work((view) => {
    if (view.phase !== phase) console.log(`› ${sentence(view)}`);
    phase = view.phase;
  });
  const line = `${failed ? "✖" : "✔"} ${name}  ${summary}`;
  if (failed && !thrown) console.error(line);
  else console.log(line);
}

function sentence({ phase, clients, connected, deliveries, secondsLeft }: ProgressView): string {
  const parts = [phase, `${connected.toLocaleString("en")} of ${clients.toLocaleString("en")} clients`];
  if (secondsLeft !== undefined) parts.push(`${secondsLeft} s left`);
  if (deliveries > 0) parts.push(`${deliveries.toLocaleString("en")} deliveries`);
  return parts.join(" · ");
}
