import type { Settings } from "./settings.ts";

type PatternSettings = Pick<
  Settings,
  | "app"
  | "senderSide"
  | "connectPerMessage"
  | "pausedClients"
  | "arrivals"
  | "halfDuplexSlotMs"
  | "trace"
  | "speakerExcluded"
>;

/**
 * The `traffic_pattern` column: how a conversation differs from a chat or echo whose clients send at uniformly drawn
 * times, such as "server sends, even". "plain" if it does not differ.
 */
export function trafficPatternOf(settings: PatternSettings): string {
  const { app, senderSide, connectPerMessage, pausedClients, arrivals, halfDuplexSlotMs, trace, speakerExcluded } =
    settings;
  const parts = [
    senderSide === "server" && "server sends",
    senderSide === "both" && "clients and server send",
    app === "ingest" && "server receives",
    speakerExcluded && "speaker excluded",
    arrivals === "even" && "even",
    typeof arrivals === "object" && `bursts of ${arrivals.burst}`,
    connectPerMessage && "connection per message",
    pausedClients !== undefined && pausedClients > 0 && `${pausedClients} paused`,
    halfDuplexSlotMs !== undefined && `slots of ${halfDuplexSlotMs} ms`,
    trace !== undefined && `trace ${trace.digest} x${trace.speed}`,
  ].filter((part) => typeof part === "string");
  return parts.join(", ") || "plain";
}
