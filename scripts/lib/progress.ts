import { Listr } from "listr2";
import type { View } from "../../scenarios/view.ts";

/**
 * Shows one trial while it runs, then the sentence it ends with: in place on a terminal, as one plain line per phase elsewhere. What
 * `work` throws is shown and thrown on.
 */
export async function showTrial(
  name: string,
  work: (show: (view: View) => void) => Promise<{ failed: boolean; summary: string }>,
): Promise<void> {
  const live = process.stdout.isTTY;
  let phase: View["phase"] | undefined;
  const display = new Listr(
    [
      {
        title: name,
        async task(_context, line) {
          const { failed, summary } = await work((view) => {
            if (live) line.title = `${name}  ${sentence(view)}`;
            else if (view.phase !== phase) line.output = sentence(view);
            phase = view.phase;
          });
          line.title = `${name}  ${summary}`;
          if (failed) throw new Error(line.title);
        },
      },
    ],
    { registerSignalListeners: false, exitOnError: false, fallbackRenderer: "simple" },
  );
  await display.run();
}

function sentence({ phase, clients, connected, deliveries, secondsLeft }: View): string {
  const parts = [phase, `${connected.toLocaleString("en")} of ${clients.toLocaleString("en")} clients`];
  if (secondsLeft !== undefined) parts.push(`${secondsLeft} s left`);
  if (deliveries > 0) parts.push(`${deliveries.toLocaleString("en")} deliveries`);
  return parts.join(" · ");
}
