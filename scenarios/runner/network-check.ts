import type { NetworkMeasurement } from "../../results/model/measurement.ts";
import { median } from "../../results/statistics/median.ts";
import { clientHost, expectedRttUs, probeClient, serverHost, type NetworkBackend } from "../lib/network-conditions.ts";
import { backendOf } from "../definitions/network.ts";
import type { EchoRequest } from "../load/path-probe.ts";
import type { Settings } from "../definitions/settings.ts";
import type { PathState } from "../system/trial-network.ts";
import type { TrialProcesses } from "./trial-processes.ts";

/** What a trial saw of its network: the probe before the first client, and the path at moments of the trial. */
export interface NetworkReports {
  rttsUs: readonly number[];
  atT0: PathState;
  atT1: PathState;
  /** After the drain. */
  atEnd: PathState;
}

/** Longest wait for answers beyond the round trip. */
const spareMs = 100;

/** Where the echo of a probe listens: datagrams, unless the path is of TCP alone. */
const echoAt: Record<NetworkBackend, EchoRequest> = {
  netem: { host: serverHost(), protocol: "udp" },
  tun: { host: serverHost(), protocol: "udp" },
  proxy: { host: "127.0.0.1", protocol: "tcp" },
};

/** Takes round trips through the empty path, in microseconds. None without a path. */
export async function probeNetwork(
  { servers, workers, network: path }: TrialProcesses,
  { network }: Pick<Settings, "network">,
): Promise<readonly number[]> {
  if (!network || !path) return [];
  const { conditions } = network;
  const by = backendOf(network);
  const rttMs = expectedRttUs(conditions, by) / 1000;
  const intervalMs = Math.max(5, Math.ceil(2 * (rttMs - conditions.rttMs)));
  const echo = await servers[0]!.call("openEcho", echoAt[by]);
  const [to] = await path.reach([{ ...echo, ...(by !== "proxy" && { localAddress: clientHost(probeClient) }) }], 1);
  const waitMs = Math.ceil(rttMs + conditions.jitterMs + spareMs);
  const rttsUs = await workers[0]!.call("probePath", { to: to!, intervalMs, waitMs });
  await servers[0]!.call("closeEcho", undefined);
  if (rttsUs.length > 0) return rttsUs;
  throw new Error(`no probe came back through the network ${network.text}, which is a defect of the harness`);
}

/** The network that there was. Undefined without a path. */
export function measureNetwork(
  { network }: Pick<Settings, "network">,
  reports: NetworkReports | undefined,
): NetworkMeasurement | undefined {
  if (!network || !reports) return undefined;
  const by = backendOf(network);
  const { rttsUs, atT0, atT1, atEnd } = reports;
  const { offered, lost, dropped, links, overrun, refused } = atEnd;
  return {
    conditions: network.conditions,
    by,
    rttUs: median(rttsUs)!,
    // A proxy passes streams: its pieces are no packets of the kernel's.
    packets: by === "proxy" ? undefined : { offered, lost, dropped, unkept: overrun + refused },
    links: links - 1, // the probe has one, too
    lateP99Us: atT1.lateP99Us,
    cpuPercent: (100 * (atT1.cpuUs - atT0.cpuUs)) / (atT1.atUs - atT0.atUs),
  };
}
