import type { Row } from "../../../results/model/columns.ts";
import { isBinomial } from "../../../results/statistics/binomial.ts";
import { parseNetworks } from "../../../scenarios/definitions/network.ts";
import { roundTripUs } from "../../../scenarios/lib/network-conditions.ts";
import type { PingReport } from "./guest-report.ts";

/** Bytes of an echo of ping as an IP packet: 20 of IP, 8 of ICMP, 56 of data. */
const pingBytes = 84;
/** Share of runs in which a right loss is taken for a wrong one: the rows are checked at 99.9 %. */
const level = 1 - 1e-6;

/** What is wrong with a path that `ping` looked at, as clauses. */
export function pingFaults({ text, sent, back, shortestMs, meanMs, counted }: PingReport): string[] {
  const { conditions } = parseNetworks("--network", text)[0]!;
  const { rttMs, jitterMs, lossShare } = conditions;
  const { offered, lost, dropped } = counted;
  const askedMs = roundTripUs(conditions, pingBytes) / 1000;
  return clauses([
    [sent > 0, `ping sent nothing`],
    [lost === sent - back, `ping missed ${sent - back} echoes, and the path counted ${lost} lost packets`],
    [dropped === 0, `${dropped} packets were dropped by a queue`],
    [offered >= sent + back && offered <= 2 * sent, `${offered} packets passed for ${sent} echoes`],
    [isBinomial(lost, offered, lossShare, level), `${lost} of ${offered} packets were lost`],
    [shortestMs >= rttMs - jitterMs, `an echo took ${shortestMs} ms`],
    [Math.abs(meanMs - askedMs) <= 0.1 * askedMs + 1, `the mean round trip was ${meanMs} ms in place of ${askedMs} ms`],
  ]);
}

/** What is wrong with a row of the bench, as clauses. */
export function rowFaults(row: Row): string[] {
  const { status, transport, network, network_by, network_rtt_us = NaN, sent, expected, delivered, lost } = row;
  const { conditions } = parseNetworks("--network", network ?? "rtt=1ms")[0]!;
  const offMs = Math.abs(network_rtt_us / 1000 - conditions.rttMs);
  return clauses([
    [status === "valid" || status === "suspect", `it is ${status} (${row.error ?? row.reasons})`],
    [network_by === "netem", `its network is by ${network_by}`],
    [offMs <= 0.1 * conditions.rttMs + 1 + conditions.jitterMs / 2, `its probe took ${network_rtt_us} us`],
    [sent !== undefined && sent > 0, "nothing was sent"],
    [transport === "udp" || (delivered === expected && lost === 0), `it lost ${lost} of ${expected} deliveries`],
  ]);
}

function clauses(checks: readonly (readonly [holds: boolean, clause: string])[]): string[] {
  return checks.flatMap(([holds, clause]) => (holds ? [] : [clause]));
}
