import type { Options } from "../../scenarios/contract.ts";

/** The Engine.IO transports that each value of the option `transports` allows. */
const transports = {
  websocket: ["websocket"],
  polling: ["polling"],
  /** Socket.IO's default: HTTP long polling first, then an upgrade to WebSocket. */
  both: ["polling", "websocket"],
} as const;

/**
 * Socket.IO's options that both sides must share, from `transportOptions`: `transports` is "websocket" (default),
 * "polling" or "both"; `parser` may be "msgpack", with which every message is one binary packet.
 */
export async function sharedOptions({ transportOptions }: Options) {
  const choice = String(transportOptions["transports"] ?? "websocket") as keyof typeof transports;
  return {
    transports: [...transports[choice]],
    ...(transportOptions["parser"] === "msgpack" && { parser: await import("socket.io-msgpack-parser") }),
  };
}
