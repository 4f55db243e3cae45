import type { Settings } from "./settings.ts";

type Conversation = Pick<Settings, "app" | "speakers" | "arrivals" | "turnMs" | "trace" | "visits" | "slowClients">;

/**
 * What makes a conversation another than a chat or an echo whose clients speak at uniformly drawn times, as the `pattern` column says it:
 * "hub speaks, even". "plain" where nothing does.
 */
export function patternOf({ app, speakers, arrivals, turnMs, trace, visits, slowClients = 0 }: Conversation): string {
  const parts = [
    speakers === "hub" && "hub speaks",
    speakers === "both" && "clients and hub speak",
    app === "report" && "hub hears",
    arrivals === "even" && "even",
    typeof arrivals === "object" && `bursts of ${arrivals.burst}`,
    turnMs !== undefined && `turns of ${turnMs} ms`,
    visits === true && "visits",
    slowClients > 0 && `${slowClients} stopped`,
    trace !== undefined && `trace ${trace.digest} x${trace.speed}`,
  ].filter((part) => part !== false);
  return parts.join(", ") || "plain";
}
