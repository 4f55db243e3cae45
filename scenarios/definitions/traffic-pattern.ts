import type { Settings } from "./settings.ts";

type Conversation = Pick<
  Settings,
  "app" | "senderSide" | "connectPerMessage" | "pausedClients" | "arrivals" | "halfDuplexSlotMs" | "trace"
>;

/**
 * What makes a conversation another than a chat or an echo whose clients speak at uniformly drawn times, as the `pattern` column says it:
 * "server sends, even". "plain" where nothing does.
 */
export function trafficPatternOf({
  app,
  senderSide,
  connectPerMessage,
  pausedClients,
  arrivals,
  halfDuplexSlotMs,
  trace,
}: Conversation): string {
  const parts = [
    senderSide === "server" && "server sends",
    senderSide === "both" && "clients and server send",
    app === "ingest" && "server receives",
    arrivals === "even" && "even",
    typeof arrivals === "object" && `bursts of ${arrivals.burst}`,
    connectPerMessage && "connection per message",
    pausedClients !== undefined && pausedClients > 0 && `${pausedClients} paused`,
    halfDuplexSlotMs !== undefined && `slots of ${halfDuplexSlotMs} ms`,
    trace !== undefined && `trace ${trace.digest} x${trace.speed}`,
  ].filter((part) => typeof part === "string");
  return parts.join(", ") || "plain";
}
