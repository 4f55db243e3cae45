import { Listr, type ListrTask } from "listr2";
import { errorMessage } from "../../scenarios/lib/errors.ts";
import type { ProgressView } from "../../scenarios/runner/progress.ts";

/**
 * Shows a trial while it runs, then its last line: in place on a terminal, else as one plain line per phase. An error
 * of `work` is shown and thrown on.
 */
export async function showTrial(
  name: string,
  work: (show: (view: ProgressView) => void) => Promise<{ failed: boolean; summary: string }>,
): Promise<void> {
  const live = process.stdout.isTTY;
  let phase: ProgressView["phase"] | undefined;
  let thrown: unknown;
  const task: ListrTask = {
    title: name,
    async task(_context, line) {
      const ending = await work((view) => {
        if (live) line.title = `${name}  ${sentence(view)}`;
        else if (view.phase !== phase) line.output = sentence(view);
        phase = view.phase;
      }).catch((error: unknown) => {
        thrown = error;
        return { failed: true, summary: errorMessage(error) };
      });
      line.title = ending.failed ? name : `${name}  ${ending.summary}`;
      if (ending.failed) throw new Error(live ? `${name}  ${ending.summary}` : ending.summary);
    },
  };
  await new Listr([task], { registerSignalListeners: false, exitOnError: false, fallbackRenderer: "simple" }).run();
  if (thrown) throw thrown;
}

function sentence({ phase, clients, connected, deliveries, secondsLeft }: ProgressView): string {
  const parts = [phase, `${connected.toLocaleString("en")} of ${clients.toLocaleString("en")} clients`];
  if (secondsLeft !== undefined) parts.push(`${secondsLeft} s left`);
  if (deliveries > 0) parts.push(`${deliveries.toLocaleString("en")} deliveries`);
  return parts.join(" · ");
}
