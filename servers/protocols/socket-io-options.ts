import type { Options } from "../../scenarios/contract.ts";

/** What Socket.IO may send messages over. */
const transports = {
  websocket: ["websocket"],
  polling: ["polling"],
  /** As it comes: HTTP long polling first, then an upgrade to WebSocket. */
  both: ["polling", "websocket"],
} as const;

/**
 * The options of Socket.IO that both sides must agree on, from `own`: `transports` is "websocket" (unless said otherwise), "polling" or
 * "both"; `parser` may be "msgpack", which makes one binary packet of any message.
 */
export async function sharedOptions({ transportOptions }: Options) {
  const named = String(transportOptions["transports"] ?? "websocket") as keyof typeof transports;
  return {
    transports: [...transports[named]],
    ...(transportOptions["parser"] === "msgpack" && { parser: await import("socket.io-msgpack-parser") }),
  };
}
