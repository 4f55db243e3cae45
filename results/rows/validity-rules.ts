import type { Row } from "../model/columns.ts";
import type { Measurement } from "../model/measurement.ts";

/** How far a row can be believed. Loss and saturation are results and do not count against it. */
export type RowStatus = "valid" | "suspect" | "invalid";

/** What a rule is given to judge: the row, what it was made from, and the rows of earlier repeats. */
interface Case {
  row: Row;
  measurement: Measurement;
  siblings: readonly Row[];
}

/** And, for what to do about it, whether a higher load is no advice, since something that applies is `tooMuch`. */
interface Found extends Case {
  tooMuch: boolean;
}

/** Something that makes a row doubtful: how bad it is, the reason for its threshold, when it applies and what to do about it. */
interface Rule {
  /** `valid` leaves the row as it is: a note. */
  verdict: RowStatus;
  because: string;
  applies(given: Case): boolean;
  says(given: Found): string;
  /** No other rule may advise a higher load beside it. */
  tooMuch?: true;
}

/** Whether it replays a trace, which has its own rate, length and clients. */
const replays = ({ traffic_pattern }: Row): boolean => /(^|, )trace /.test(traffic_pattern ?? "");

/** The flag that makes the load lighter. */
const rateOf = (row: Row): string => (replays(row) ? "--speed" : "--rate");
const orFewerClients = (row: Row): string => (replays(row) ? "" : ", or take fewer --clients");

/** The more of a share and an absolute bound: what is below either is too small to change an answer. */
const exceeds = (difference: number, share: number, of: number, least: number): boolean =>
  difference > Math.max(share * of, least);

/** Every rule, by the name that a reader can look up. */
export const validityRules = {
  "sent less": {
    verdict: "invalid",
    because: "The load was not the one that the row names.",
    applies: ({ row, measurement }) => (row.sent ?? 0) < measurement.planned,
    says: ({ row, measurement }) =>
      `Only ${row.sent} of ${measurement.planned} planned messages were sent: lower ${rateOf(row)} or give more --workers.`,
    tooMuch: true,
  },
  disorder: {
    verdict: "invalid",
    because: "No distribution has min > p50; something in the harness is wrong.",
    applies: ({ row }) =>
      !isSorted([
        row.latency_min_us,
        row.latency_p50_us,
        row.latency_p90_us,
        row.latency_p99_us,
        row.latency_p999_us,
        row.latency_max_us,
      ]),
    says: () =>
      "The latency percentiles are out of order, which is a defect of the harness: please report it with the CSV.",
  },
  "clocks apart": {
    verdict: "invalid",
    because: "Nothing arrives before it was due; where it seems to, the clocks of two processes disagree.",
    applies: ({ measurement }) => measurement.early > 0,
    says: ({ measurement }) =>
      `${measurement.early} deliveries seem to have come before they were due, so no latency here can be believed: please report it.`,
  },
  "generator late": {
    verdict: "suspect",
    because:
      "What the generator adds must be too small to change an answer: a tenth, or a millisecond where that is more. Where the " +
      "receivers were as late as the senders the difference hides it, so a lag of a quarter of the latency counts too. A hub that speaks may be late by two: it wakes by a " +
      "millisecond timer, since spinning would be in its server's CPU. What waits for its side's turn is not late.",
    applies: ({
      row: { latency_p99_us: latency, latency_max_us: max = 0, service_p99_us: service = 0, send_lag_p99_us: lag = 0 },
      measurement: { turns, hubSpeaks },
    }) => {
      const leastUs = hubSpeaks ? 2_000 : 1_000;
      return (
        (!turns && exceeds((latency ?? service) - service, 0.1, latency ?? service, leastUs)) ||
        exceeds(lag, 0.25, latency ?? max, leastUs)
      );
    },
    says: ({ row }) =>
      `The generator was late (send lag p99 ${row.send_lag_p99_us} us) and that is in the latency: lower ${rateOf(row)} or give more --workers.`,
    tooMuch: true,
  },
  "every place taken": {
    verdict: "suspect",
    because: "A visit that waits for somebody to leave adds that wait to its latency, and it is not the transport's.",
    applies: ({ measurement: { visits } }) => (visits?.waited ?? 0) > 0,
    says: ({ row, measurement: { visits } }) =>
      `${visits!.waited} visits began late, as ${row.clients} were still there, and that is in the latency: give more --clients, or lower --rate.`,
    tooMuch: true,
  },
  "visits failed": {
    verdict: "valid",
    because: "A visit that is refused or not answered is lost, as a message would be: a result, whose reason matters.",
    applies: ({ measurement: { visits } }) => (visits?.troubles.size ?? 0) > 0,
    says: ({ measurement: { visits } }) => troublesIn(visits!.troubles),
  },
  "slow dropped": {
    verdict: "valid",
    because:
      "Dropping who takes nothing keeps the memory of a server within bounds: a result, and no fault of the trial.",
    applies: ({ measurement: { slow } }) => (slow?.dropped ?? 0) > 0,
    says: ({ measurement: { slow } }) =>
      `The server dropped ${slow!.dropped} of the ${slow!.clients} clients that were stopped: what they missed is in paused_expected alone.`,
  },
  "worker full": {
    verdict: "suspect",
    because: "From 90 % of a core on, queues in the worker grow faster than they are emptied.",
    applies: ({ row }) => row.bottleneck === "workers",
    says: ({ row }) =>
      "A worker used its whole core, so its own queue is in the latency: give more --workers or " +
      `${replays(row) ? "a lower --speed" : "fewer --clients"}.`,
    tooMuch: true,
  },
  "crowd behind": {
    verdict: "suspect",
    because:
      "A quiet client and one in the crowd differ only by the crowd's own queue, which is no part of the transport.",
    applies: ({ row: { observers_p50_us: observers = 0, receivers_p50_us: crowd = 0 } }) =>
      exceeds(crowd - observers, 0.2, observers, 1_000),
    says: ({ row }) =>
      `The crowd's median (${row.receivers_p50_us} us) is above the observers' (${row.observers_p50_us} us), so the clients' queue is in ` +
      `the latency: give more --workers, or read observers_p50_us.`,
    tooMuch: true,
  },
  "CPU taken": {
    verdict: "suspect",
    because: "A process that waits for a CPU a tenth of the time adds that wait to every message it handles.",
    applies: ({ row }) => (row.cpu_wait_percent ?? 0) > 10,
    says: ({ row }) =>
      (row.other_cpu_percent ?? 0) > 10
        ? `Somebody else had the CPU (${row.other_cpu_percent} % of a core; a process waited ${row.cpu_wait_percent} % of the time): ` +
          `stop other programs and run again.`
        : `Our own processes share the cores (one waited ${row.cpu_wait_percent} % of the time): lower ${rateOf(row)}, or take a machine ` +
          `with more cores.`,
    tooMuch: true,
  },
  "still warming": {
    verdict: "suspect",
    because:
      "Halves of a steady window agree within a tenth; what changes is still being compiled, or drifts. Halves below 2 s are not " +
      "compared: as for the slices of the warm-up, their difference is chance.",
    applies: ({ row, measurement: { halvesCpuUs } }) =>
      (row.duration_s ?? 0) >= 4 &&
      halvesCpuUs !== undefined &&
      Math.abs(halvesCpuUs[0] - halvesCpuUs[1]) > 0.1 * Math.max(...halvesCpuUs),
    says: ({ row, measurement: { halvesCpuUs } }) =>
      `The server's CPU per delivery changed within the window (${halvesCpuUs!.map((us) => us.toFixed(1)).join(" us, then ")} us): ` +
      `give a longer --warmup${replays(row) ? "" : ", or a longer --duration"}.`,
  },
  "accept queue": {
    verdict: "suspect",
    because:
      "A connection that finds the queue full tries again a second later: that second is the kernel's, not the transport's.",
    applies: ({ row }) => (row.listen_overflows ?? 0) > 0,
    says: ({ row }) =>
      `The accept queue overflowed ${row.listen_overflows} times, so connect times are not the transport's: raise net.core.somaxconn` +
      `${orFewerClients(row)}.`,
  },
  "packets dropped": {
    verdict: "suspect",
    because:
      "On loopback nothing is lost but where a CPU's queue of packets is full: what was in them comes at the earliest 200 ms later, a " +
      "connection a second later, and that is the kernel's doing, not the transport's.",
    applies: ({ row }) => (row.netdev_backlog_drops ?? 0) > 0,
    says: ({ row }) =>
      `The kernel dropped ${row.netdev_backlog_drops} packets as its queue for them was full, and they were sent again: raise ` +
      `net.core.netdev_max_backlog${orFewerClients(row)}.`,
  },
  "thin percentile": {
    verdict: "valid",
    because:
      "One broadcast to 1,000 is one event: a percentile that fewer than 10 messages reached is the luck of a few.",
    applies: ({ row, measurement }) => measurement.latency.totalCount > 0 && row.latency_p99_us === undefined,
    says: ({ row, tooMuch }) =>
      "Fewer than 10 messages reached the 99th percentile, so it is left empty: " +
      // At another speed a trace has as many messages.
      `${replays(row) ? "replay a longer trace" : `give a longer --duration${tooMuch ? "" : " or a higher --rate"}`}.`,
  },
  "never quiet": {
    verdict: "valid",
    because:
      "Where heartbeats or polls of so many clients follow one another without a pause, the window's edges cut some cycles in two, and " +
      "their bytes are not exact.",
    applies: ({ measurement: { idle, traffic } }) => idle?.quiet === false && traffic !== undefined,
    says: () =>
      "The connections were never quiet long enough to begin between two cycles, so idle bytes are left empty: give fewer --clients.",
  },
  "memory climbing": {
    verdict: "suspect",
    because: "A tenth and 16 MiB within half a window is more than garbage that waits for its collection.",
    applies: ({ measurement: { servers, rssMiddleBytes, slow } }) =>
      !slow && // what is held for them is what was asked
      rssMiddleBytes !== undefined &&
      exceeds(
        servers.reduce((sum, { rssBytes }) => sum + rssBytes, 0) - rssMiddleBytes,
        0.1,
        rssMiddleBytes,
        16 * 2 ** 20,
      ),
    says: ({ row }) =>
      `The server's memory was still climbing at T1 (${row.server_rss_mib} MiB): give a longer --warmup before you read it.`,
  },
  "unlike its siblings": {
    verdict: "suspect",
    because:
      "Repeats of one thing on a quiet machine differ by a few percent in CPU; a quarter is another machine state.",
    applies: ({ row, siblings }) => {
      const usual = median(siblings.map((each) => each.server_cpu_us_per_delivery));
      const own = row.server_cpu_us_per_delivery;
      return usual !== undefined && own !== undefined && Math.abs(own - usual) > 0.25 * usual;
    },
    says: ({ row }) =>
      `The server's CPU per delivery (${row.server_cpu_us_per_delivery} us) is more than a quarter off its earlier repeats': look what ` +
      `else ran, and give more --repeat.`,
  },
} satisfies Record<string, Rule>;

/** The worst verdict of all rules that apply, and a sentence from each, notes included. `siblings` are the rows of earlier repeats. */
export function evaluateRules(
  row: Row,
  measurement: Measurement,
  siblings: readonly Row[],
): { status: RowStatus; reasons: string[] } {
  const given = { row, measurement, siblings };
  const found = Object.values<Rule>(validityRules).filter((rule) => rule.applies(given));
  const tooMuch = found.some((rule) => rule.tooMuch);
  const worst = (["invalid", "suspect"] as const).find((status) => found.some(({ verdict }) => verdict === status));
  return { status: worst ?? "valid", reasons: found.map((rule) => rule.says({ ...given, tooMuch })) };
}

/** What goes wrong so seldom that it is not told. */
const mostTroubles = 5;

function troublesIn(troubles: ReadonlyMap<string, number>): string {
  const all = [...troubles].toSorted(([, one], [, other]) => other - one);
  const count = all.reduce((sum, [, times]) => sum + times, 0);
  const told = all.slice(0, mostTroubles).map(([what, times]) => `${times} times ${what}`);
  const rest = all.length > mostTroubles ? ` and ${all.length - mostTroubles} other things` : "";
  return `In ${count} visits something went wrong: ${told.join(", ")}${rest}.`;
}

function isSorted(values: readonly (number | undefined)[]): boolean {
  const known = values.filter((value) => value !== undefined);
  return known.every((value, i) => i === 0 || known[i - 1]! <= value);
}

/** The median of at least two numbers: one sibling says nothing about which of the two is odd. */
function median(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  return known.length < 2 ? undefined : known[Math.floor(known.length / 2)];
}
