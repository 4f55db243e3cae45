import { UserError } from "../../scenarios/lib/errors.ts";
import type { SizedLoad } from "./model.ts";

/** A load over all processes, and the conditions under which it is sized. */
export interface SizingQuestion {
  load: SizedLoad;
  /** Share of a core that a process may use, 0.7 at most. */
  utilisation: number;
  /** Dollars per 10^9 bytes that are sent to clients. */
  pricePerGb: number;
  /** File descriptors that one process may open. */
  descriptorLimit: number;
  /** Available cores. If given, the answer says how many clients they can serve. */
  cores?: number | undefined;
}

/** A load as a user states it, in the options of `npm run sizing`. */
export interface StatedLoad {
  clients?: number | undefined;
  /** Messages per second of all clients together. */
  rate?: number | undefined;
  /** Messages per second of each client. */
  ratePerClient?: number | undefined;
  /** Clients that receive each message; 1 by default. */
  roomSize?: number | undefined;
  payloadBytes: number;
}

/**
 * The load with its sends and deliveries per second. Throws a UserError if a number is missing or contradicts another
 * one.
 */
export function resolveLoad({ clients, rate, ratePerClient, roomSize = 1, payloadBytes }: StatedLoad): SizedLoad {
  if (clients === undefined) throw new UserError("--clients is missing. Example: --clients 50000.");
  if ((rate === undefined) === (ratePerClient === undefined))
    throw new UserError(
      "Give exactly one of --rate (messages per second of all clients together) and --rate-per-client (of each client).",
    );
  if (roomSize > clients)
    throw new UserError(
      `--room-size ${roomSize} exceeds --clients ${clients}. A room holds some or all of the clients.`,
    );
  const sendsPerS = rate ?? ratePerClient! * clients;
  return { clients, processes: 1, roomSize, sendsPerS, deliveriesPerS: sendsPerS * roomSize, payloadBytes };
}
