import type { Claim, ClaimSide } from "./claims.ts";

/** Heartbeats that are further apart than the outage is long, as transports have them, and closer ones. */
const [usual, eager] = [{ heartbeat: "25s" }, { heartbeat: "2s" }] as const;
const outage = { scenario: "outage-5s", fault: "gone:5s:50%@5s" } as const;
const cut = { scenario: "cut", fault: "cut:50%@5s", ...usual } as const;
/** More messages of a room than are said until everybody is back. */
const history = "500 messages a room";

const missed = { column: "missed", unit: "missed", digits: 0 } as const;

function between(expectedHigher: ClaimSide, expectedLower: ClaimSide): Pick<Claim, "expectedHigher" | "expectedLower"> {
  return { expectedHigher, expectedLower };
}

/** Claims about connections that break. They need --fault, so they are measured by claims --faults. */
export const faultClaims: readonly Claim[] = [
  {
    text: "A heartbeat shorter than an outage loses what TCP would have brought.",
    ...between({ transport: "ws", ...outage, ...eager }, { transport: "ws", ...outage, ...usual }),
    ...missed,
  },
  {
    text: "An application's history makes a cut lossless.",
    ...between({ transport: "ws", ...cut }, { transport: "ws", ...cut, history }),
    ...missed,
  },
  {
    text: "Long polling by a cursor misses nothing where WebSocket misses what was said meanwhile.",
    ...between({ transport: "ws", ...cut }, { transport: "long-poll", ...cut }),
    ...missed,
  },
];
