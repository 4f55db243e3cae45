import type { NetworkConditions } from "../lib/network-conditions.ts";
import { usualCongestionControl } from "../system/procfs.ts";

/** A network of 20 ms that loses nothing. */
export const nearNetwork: NetworkConditions = {
  rttMs: 20,
  jitterMs: 0,
  lossShare: 0,
  queueMs: 100,
  congestionControl: usualCongestionControl(),
};
