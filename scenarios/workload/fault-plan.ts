import { faultKinds, type Fault } from "../definitions/fault.ts";
import { seededRandom } from "../lib/random.ts";

/** A moment at which a fault begins, and the clients that it meets. */
export interface PlannedStrike {
  /** Time from T0. */
  atMs: number;
  clients: readonly number[];
}

/** Moments of a recurring fault are multiples of this: one command then cuts all clients of that moment. */
const gridMs = 250;
/** Time before T1 in which no fault begins, so that clients can be back before the window ends. */
export const quietMs = 5_000;

/**
 * The moments of a fault, ascending. A fault that comes again meets each client at the same moment of each period, drawn
 * from the seed. Pure: the same settings give the same moments.
 */
export function planStrikes(
  fault: Fault,
  affected: readonly number[],
  { durationMs, seed }: { durationMs: number; seed: number },
): PlannedStrike[] {
  const { atMs, everyMs } = fault;
  if (everyMs === undefined) return [{ atMs, clients: affected }];
  const random = seededRandom(seed ^ 0x7f4a7c15);
  const strikes = new Map<number, number[]>();
  for (const client of affected) {
    const placeMs = gridMs * Math.floor((random() * everyMs) / gridMs);
    for (let at = atMs + placeMs; at <= durationMs - quietMs; at += everyMs) {
      const others = strikes.get(at);
      if (others) others.push(client);
      else strikes.set(at, [client]);
    }
  }
  return [...strikes].map(([at, clients]) => ({ atMs: at, clients })).toSorted((one, other) => one.atMs - other.atMs);
}

/** Number of clients that a fault meets, of those that it may meet. */
export function affectedCount(
  { kind, share }: Pick<Fault, "kind" | "share">,
  { clients, senders }: { clients: number; senders: number },
): number {
  if (share === 1) return clients;
  return faultKinds[kind].picksClients ? Math.min(clients - senders, Math.round(share * clients)) : clients;
}
