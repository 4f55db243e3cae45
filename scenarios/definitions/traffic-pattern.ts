import type { Settings } from "./settings.ts";

type Conversation = Pick<Settings, "app" | "speakers" | "visits" | "slowClients" | "arrivals" | "turnMs" | "trace">;

/**
 * What makes a conversation another than a chat or an echo whose clients speak at uniformly drawn times, as the `pattern` column says it:
 * "hub speaks, even". "plain" where nothing does.
 */
export function patternOf({ app, speakers, visits, slowClients, arrivals, turnMs, trace }: Conversation): string {
  const parts = [
    speakers === "hub" && "hub speaks",
    speakers === "both" && "clients and hub speak",
    app === "report" && "hub hears",
    arrivals === "even" && "even",
    typeof arrivals === "object" && `bursts of ${arrivals.burst}`,
    visits && "visits",
    slowClients !== undefined && slowClients > 0 && `${slowClients} stop reading`,
    turnMs !== undefined && `turns of ${turnMs} ms`,
    trace !== undefined && `trace ${trace.digest} x${trace.speed}`,
  ].filter((part) => typeof part === "string");
  return parts.join(", ") || "plain";
}
