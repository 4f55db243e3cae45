import type { Row } from "../model/columns.ts";
import type { LatencyMeasurement, Measurement, NetworkMeasurement, SliceCost } from "../model/measurement.ts";
import { countGone, droppedText, reasonsText, refusedText, type GoneContext } from "./gone-text.ts";
import { expectedRttUs } from "../../scenarios/lib/network-conditions.ts";
import { isBinomial } from "../statistics/binomial.ts";
import { linearTrend, type Trend } from "../statistics/linear-trend.ts";
import { median } from "../statistics/median.ts";

/**
 * Validity of a row. Saturation is a result, and so is loss on a transport that may lose messages: they do not make a row
 * suspect or invalid.
 */
export type RowStatus = "valid" | "suspect" | "invalid";

/** Input of a rule: the row, the measurement behind it, and the rows of earlier repeats. */
interface RuleInput {
  row: Row;
  measurement: Measurement;
  siblings: readonly Row[];
}

/** One rule. Its id is its key in `validityRules`. */
interface Rule {
  /** Status of a row to which the rule applies. `valid` is a note. */
  verdict: RowStatus;
  /** Why the rule and its threshold exist. */
  meaning: string;
  applies(input: RuleInput): boolean;
  /** The problem, with its numbers: a clause without a full stop. */
  cause(input: RuleInput): string;
  /**
   * The remedy, as a clause. If `overloaded`, the load of the row is too high, so no higher load is advised. Some notes
   * have no remedy.
   */
  remedy?(row: Row, overloaded: boolean): string;
  /** The load was too high, so no other rule may advise a higher one. */
  overload?: true;
  /** The same trial may pass when it is run again: a search for a rate repeats it. */
  retryable?: true;
}

/** True for a replayed trace, which has its own rate, length and clients. */
const replaysTrace = ({ traffic_pattern }: Row): boolean => /(^|, )trace /.test(traffic_pattern ?? "");

/** True for a fault that drops packets, so that TCP may send them again. */
const isSilence = ({ fault = "" }: Row): boolean => /^(gone|half-open|asleep):/.test(fault);

/** The flag that makes the load lighter. */
const rateFlag = (row: Row): string => (replaysTrace(row) ? "--speed" : "--rate");
const orFewerClients = (row: Row): string => (replaysTrace(row) ? "" : ", or use fewer --clients");

/** True above both a share of `of` and an absolute bound: a smaller difference does not change an answer. */
const exceeds = (difference: number, share: number, of: number, least: number): boolean =>
  difference > Math.max(share * of, least);

/** CPU that others took on a machine of the trial, and the wait of its processes there, both in percent. */
interface CpuOfMachine {
  /** " on" and the agent; empty where the trial had one machine. */
  where: string;
  other: number;
  wait: number;
}

/** Each machine of the trial by itself: what others do on one makes nobody wait on another. */
function machinesOf({ row, measurement }: RuleInput): CpuOfMachine[] {
  const { hosts } = measurement.machine;
  if (!hosts) return [{ where: "", other: row.other_cpu_percent ?? 0, wait: row.cpu_wait_percent ?? 0 }];
  return hosts.map(({ agents, otherCpuPercent = 0, cpuWaitPercent = 0 }) => ({
    where: ` on ${agents.map(({ name }) => name).join(", ")}`,
    other: Number(otherCpuPercent.toFixed(1)),
    wait: Number(cpuWaitPercent.toFixed(1)),
  }));
}

const isTakenByOthers = ({ other }: CpuOfMachine): boolean => other > 15;
const isContended = (machine: CpuOfMachine): boolean => machine.wait > 10 && isTakenByOthers(machine);
const isShared = (machine: CpuOfMachine): boolean => machine.wait > 30 && !isTakenByOthers(machine);

/** The trend of the servers' CPU time that their deliveries do not explain. Undefined without deliveries. */
function driftOf({ slices }: Measurement["servers"]): Trend | undefined {
  return trendOf(
    slices,
    ({ deliveries }) => deliveries,
    ({ clientCpuUs }) => clientCpuUs,
  );
}

/** The trend of the servers' CPU time that the load alone does not explain. */
function speedChangeOf({ slices }: Measurement["servers"]): Trend | undefined {
  return trendOf(slices, ({ deliveries }) => deliveries);
}

function trendOf(slices: readonly SliceCost[], ...causes: ((slice: SliceCost) => number)[]): Trend | undefined {
  if (slices.every(({ deliveries }) => deliveries === 0)) return undefined;
  return linearTrend(
    slices.map(({ cpuUs }) => cpuUs),
    ...causes.map((of) => slices.map(of)),
  );
}

/** The CPU time per delivery of each side. */
const costColumns = [
  { who: "servers", column: "server_cpu_us_per_delivery" },
  { who: "clients", column: "client_cpu_us_per_delivery" },
] as const;

/** The side whose cost differs from earlier repeats, while that of the other does not go along. */
function outlierOf(row: Row, siblings: readonly Row[]): (typeof costColumns)[number] | undefined {
  if (siblings.length < 2) return undefined; // with one sibling nobody knows which of the two is odd
  const changes = costColumns.map(({ column }) => {
    const earlier = median(siblings.map((each) => each[column]).filter((each) => each !== undefined));
    return earlier === undefined ? 0 : (row[column] ?? earlier) / earlier - 1;
  });
  return costColumns.find((_, i) => {
    const [own, other] = [changes[i]!, changes[1 - i]!];
    return Math.abs(own) > 0.25 && other * Math.sign(own) < Math.abs(own) / 3;
  });
}

/** The percentile that is clearly worse in the busy workers than in that of the observers. */
function queuedPercentile({ observerVsReceivers: both }: LatencyMeasurement) {
  if (!both) return undefined;
  return [
    { name: "median", receivers: both.receiversP50Us, observers: both.observersP50Us, share: 0.3, leastUs: 1_000 },
    { name: "p95", receivers: both.receiversP95Us, observers: both.observersP95Us, share: 0.33, leastUs: 2_000 },
  ].find(({ receivers, observers, share, leastUs }) => exceeds(receivers - observers, share, observers, leastUs));
}

/** Fewest seconds of a window in which a third is more than chance. */
const fewestSeconds = 6;

/** Times until the last receiver had a message, in the first and in the last third of the window, where they grew. */
function slowdownOf({ seconds }: Measurement): { before: number; after: number } | undefined {
  const times = seconds.flatMap(({ fanout }) => fanout?.p50Us ?? []);
  if (times.length < fewestSeconds) return undefined;
  const third = Math.floor(times.length / 3);
  const [before, after] = [median(times.slice(0, third))!, median(times.slice(-third))!];
  return after > 2 * before && after - before > 5_000 ? { before, after } : undefined;
}

const milliseconds = (us: number): string => (us / 1000).toFixed(us < 10_000 ? 1 : 0);

/** True for a trend that is large and is no chance. */
function isClear(trend: Trend | undefined): boolean {
  return trend !== undefined && trend.p < 0.003 && Math.abs(trend.change) > 0.15;
}

function inWords({ change }: Trend): string {
  return `${change > 0 ? "grew" : "fell"} by ${Math.abs(100 * change).toFixed(0)} % within the window`;
}

/** Every rule by its id, in the order in which their reasons are printed. */
export const validityRules = {
  "under-sent": {
    verdict: "invalid",
    meaning: "Fewer messages were sent than planned: the load was not the one that the row names.",
    applies: ({ row, measurement }) => (row.sent ?? 0) < measurement.delivery.planned,
    cause: ({ row, measurement }) => `Only ${row.sent} of ${measurement.delivery.planned} planned messages were sent`,
    remedy: (row) => `lower ${rateFlag(row)} or use more --workers`,
    overload: true,
  },
  "percentiles-out-of-order": {
    verdict: "invalid",
    meaning: "A distribution never has min > p50: the harness has a defect.",
    applies: ({ row }) =>
      !isSorted([
        row.latency_min_us,
        row.latency_p50_us,
        row.latency_p90_us,
        row.latency_p99_us,
        row.latency_p999_us,
        row.latency_max_us,
      ]),
    cause: () => "The latency percentiles are out of order, which is a defect of the harness",
    remedy: () => "please report it with the CSV",
  },
  "clock-skew": {
    verdict: "invalid",
    meaning:
      "A message seems to arrive before it is due, by more than clock_error_us, only if the clocks of two processes disagree.",
    applies: ({ measurement: { delivery, clock } }) =>
      delivery.early > 0 || (clock !== undefined && delivery.mostEarlyUs > clock.errorUs),
    cause: ({ measurement }) => {
      const { early, mostEarlyUs } = measurement.delivery;
      const [what, were] =
        early > 0 ? [`${countText(early)} deliveries seem`, "they were"] : ["One delivery seems", "it was"];
      const by = early > 0 ? "" : ` ${countText(Math.ceil(mostEarlyUs))} us`;
      return `${what} to arrive${by} before ${were} due${beyondText(measurement)}, so no latency of this row can be believed`;
    },
    remedy: () => "please report it with the CSV",
  },
  "clock-error": {
    verdict: "valid",
    meaning:
      "The clocks of two hosts are known too coarsely for the latency between them: the error is above 100 us and above a tenth of the " +
      "observers' median. The latency is then that of pairs on one host, which is exact whatever the clocks, or left empty. The same is " +
      "true of a worker and the pages of a browser in which its clients are.",
    applies: ({ measurement: { clock } }) => clock !== undefined && clock.latencyOf !== "all",
    cause: ({ measurement: { clock } }) => {
      const { pages, errorUs, latencyOf } = clock!;
      const known = Number.isFinite(errorUs) ? `to ${countText(Math.ceil(errorUs))} us only` : "to nobody";
      return `The relation of the ${pages ? "pages" : "hosts"}' clocks is known ${known}, so the latency is ${
        latencyOf === "none" ? "left empty" : "that of senders and observers on one host"
      }`;
    },
    remedy: ({ clock }) =>
      clock?.endsWith("pages")
        ? "use fewer --clients, or a machine with less load"
        : "use a broker that is nearer to the agents, or hosts with less load",
  },
  "clients-in-pages": {
    verdict: "valid",
    meaning:
      "The clients were pages of a browser. A page needs far more CPU per delivery than a server, so latency and client CPU say what a user " +
      "sees, and hide most differences between servers. This is no error.",
    applies: ({ measurement: { clock } }) => clock?.pages !== undefined,
    cause: ({ measurement: { clock } }) =>
      `The clients were ${clock!.pages} pages of a browser, which need far more CPU than a server: the latency is what a user sees`,
    remedy: () => "take the same transport with its lean client to compare servers",
  },
  "late-sends": {
    verdict: "suspect",
    meaning:
      "The load generator added more than a tenth to the median or a quarter to p99 (at least 1 ms), or the send lag p99 exceeds half of the " +
      "latency p99. The last test finds receivers that are as late as the senders. A server that sends may be 2 ms late: it wakes by a " +
      "millisecond timer, since spinning would be in its CPU time. The wait for a half-duplex slot does not count.",
    applies: ({ row, measurement: { latency } }) => {
      const { latency_p50_us: p50, latency_p99_us: p99, latency_max_us: max, send_lag_p99_us: lag = 0 } = row;
      if (max === undefined) return false; // nothing that a late send could have changed
      const leastUs = latency.serverSends ? 2_000 : 1_000;
      const isAdded = (to: number | undefined, service: number | undefined, share: number): boolean =>
        to !== undefined && service !== undefined && exceeds(to - service, share, to, leastUs);
      return (
        (!latency.halfDuplex && (isAdded(p50, row.service_p50_us, 0.1) || isAdded(p99, row.service_p99_us, 0.25))) ||
        exceeds(lag, 0.5, p99 ?? max, leastUs)
      );
    },
    cause: ({ row }) =>
      `The load generator sent late (send lag p99 ${row.send_lag_p99_us} us) and the latency includes it`,
    remedy: (row) => `lower ${rateFlag(row)} or use more --workers`,
    overload: true,
  },
  "session-limit-reached": {
    verdict: "suspect",
    meaning: "A session that waits for a free slot adds that wait to its latency. It is not the transport's.",
    applies: ({ measurement: { sessions } }) => (sessions?.delayed ?? 0) > 0,
    cause: ({ row, measurement: { sessions } }) =>
      `${sessions!.delayed} sessions began late, since ${row.clients} were open at once, and the latency includes it`,
    remedy: () => "use more --clients, or lower --rate",
    overload: true,
  },
  "sessions-failed": {
    verdict: "valid",
    meaning: "A session that is refused or gets no response counts as lost. This is a result, and its reason matters.",
    applies: ({ measurement: { sessions } }) => (sessions?.failures.size ?? 0) > 0,
    cause: ({ measurement: { sessions } }) =>
      `${countGone(sessions!.failures)} sessions failed: ${reasonsText(sessions!.failures)}`,
  },
  "clients-refused": {
    verdict: "valid",
    meaning:
      "A client that is not let in is a result: the reason says what was answered. Nothing is expected from it or at it. `--drops` says from " +
      "how many on the trial fails instead.",
    applies: ({ measurement: { gone } }) => gone.refused.size > 0,
    cause: ({ row, measurement: { gone } }) => refusedText(gone, contextOf(row)),
  },
  "clients-dropped": {
    verdict: "valid",
    meaning:
      "A connection that ends before its time is a result. What was due before the end and did not come is lost. Nothing is expected " +
      "afterwards. `--drops` says from how many on the trial fails instead.",
    applies: ({ measurement: { gone } }) => gone.dropped.size > 0,
    cause: ({ row, measurement: { gone } }) => droppedText(gone, contextOf(row)) + lostWithText(gone.lostDeliveries),
  },
  "messages-lost": {
    verdict: "suspect",
    meaning:
      "A transport that promises to be reliable lost a message, or it was not there when the drain ended. Loss is a plain result only on " +
      "a transport that promises nothing. What was lost with a connection, paused clients and failed sessions do not count here: they have " +
      "columns and rules of their own.",
    applies: (input) => input.measurement.delivery.reliable && unexplainedLoss(input) > 0,
    cause: (input) =>
      `${countText(unexplainedLoss(input))} of ${countText(input.row.expected)} deliveries were lost, on a transport that promises none` +
      firstLostText(input),
    remedy: (row) => `lower ${rateFlag(row)}, or check the transport with npm run conformance`,
    overload: true,
  },
  "messages-duplicated": {
    verdict: "suspect",
    meaning:
      "More than one delivery in twenty was a duplicate. Duplicates cost bytes and CPU, and the numbers per delivery count them as deliveries.",
    applies: ({ row: { duplicated = 0, delivered = 0 } }) => delivered > 0 && duplicated > 0.05 * delivered,
    cause: ({ row }) => `${row.duplicated} deliveries came more than once, and the numbers per delivery count them`,
    remedy: () => "find out who sends them twice: the server, or a dialect whose cursor stands still",
  },
  "slow-consumers-dropped": {
    verdict: "valid",
    meaning: "The server disconnects clients that do not read, to bound its memory. This is a result, not an error.",
    applies: ({ measurement: { delivery } }) => (delivery.paused?.dropped ?? 0) > 0,
    cause: ({ measurement: { delivery } }) =>
      `The server disconnected ${delivery.paused!.dropped} of the ${delivery.paused!.clients} paused clients; only paused_expected counts ` +
      "what they missed",
  },
  "generator-saturated": {
    verdict: "suspect",
    meaning: "From 90 % of a core on, queues in a worker process grow faster than the worker empties them.",
    applies: ({ row }) => row.bottleneck === "workers",
    cause: () => "A worker process used its whole core, so the latency includes its queue",
    remedy: (row) => `use more --workers or ${replaysTrace(row) ? "a lower --speed" : "fewer --clients"}`,
    overload: true,
  },
  "receiver-queueing": {
    verdict: "suspect",
    meaning:
      "Receivers in busy worker processes see more latency than observers in an idle one: in the median, or in p95 by a third and 2 ms. " +
      "The difference is the harness's queue, not the transport's.",
    applies: ({ measurement: { latency } }) => queuedPercentile(latency) !== undefined,
    cause: ({ measurement: { latency } }) => {
      const { name, receivers, observers } = queuedPercentile(latency)!;
      return (
        `The ${name} of the receivers in busy workers (${receivers} us) exceeds the observers' (${observers} us), so the latency includes ` +
        "the workers' queue"
      );
    },
    remedy: () => "use more --workers, or read observers_p50_us",
    overload: true,
  },
  "cpu-contention": {
    verdict: "suspect",
    meaning:
      "Other programs used more than 15 % of a core, and a process of the trial waited for a CPU more than 10 % of the time. Every message " +
      "has that wait in its latency. With --agents: on one and the same machine.",
    applies: (input) => machinesOf(input).some(isContended),
    cause: (input) => {
      const { where, other, wait } = machinesOf(input).find(isContended)!;
      return `Other programs used the CPU${where} (${other} % of a core; a process of the trial waited ${wait} % of the time)`;
    },
    remedy: () => "stop them and run again",
    overload: true,
    retryable: true,
  },
  "cores-shared": {
    verdict: "suspect",
    meaning:
      "A process waited for a CPU more than 30 % of the time although no other program ran: the trial needs more cores.",
    applies: (input) => machinesOf(input).some(isShared),
    cause: (input) => {
      const { where, wait } = machinesOf(input).find(isShared)!;
      return `The processes of the trial share the cores${where} (one waited ${wait} % of the time)`;
    },
    remedy: (row) => `lower ${rateFlag(row)}, or use a machine with more cores`,
    overload: true,
  },
  "not-steady": {
    verdict: "suspect",
    meaning:
      "The server's CPU time changes by more than 15 % from the beginning of the window to its end, neither the deliveries nor the CPU time of " +
      "the clients explain it, and its slices scatter too little for that to be chance (p < 0.003). Code is still being compiled, or a queue grows. " +
      "A fault changes the load itself, so this rule and the next do not apply to it.",
    applies: ({ measurement: { servers, fault } }) => !fault && isClear(driftOf(servers)),
    cause: ({ measurement: { servers } }) =>
      `The server's CPU time at equal load ${inWords(driftOf(servers)!)}, and that of the clients did not`,
    remedy: (row) => `use a longer --warmup${replaysTrace(row) ? "" : ", or a longer --duration"}`,
    retryable: true,
  },
  "machine-speed-changed": {
    verdict: "valid",
    meaning:
      "The CPU time of servers and clients changes together, by more than 15 % from the beginning of the window to its end at equal load. " +
      "The machine changes its speed, as virtual machines do: the row has the mean of it.",
    applies: ({ measurement: { servers, fault } }) =>
      !fault && !isClear(driftOf(servers)) && isClear(speedChangeOf(servers)),
    cause: ({ measurement: { servers } }) =>
      `The CPU time of servers and clients at equal load ${inWords(speedChangeOf(servers)!)}`,
    remedy: () => "compare several repeats",
  },
  "target-slowed": {
    verdict: "valid",
    meaning:
      "At a target, messages of the last third of the window took more than twice as long as those of the first, and 5 ms more: it may not keep " +
      "up with this load.",
    applies: ({ row, measurement }) =>
      row.network?.startsWith("target ") === true && slowdownOf(measurement) !== undefined,
    cause: ({ measurement }) => {
      const { before, after } = slowdownOf(measurement)!;
      return `The target slowed down under the load: the last receiver had a message after ${milliseconds(before)} ms at first, and after ${milliseconds(after)} ms at the end`;
    },
    remedy: (row) => `lower ${rateFlag(row)}`,
  },
  "certificate-unchecked": {
    verdict: "valid",
    meaning: "The run was told not to check the certificate of the server, so anybody may have answered.",
    applies: ({ measurement }) => measurement.certificateUnchecked === true,
    cause: () => "The certificate of the server was not checked (--insecure)",
    remedy: () => "name the signer with --ca",
  },
  "accept-queue-overflow": {
    verdict: "suspect",
    meaning:
      "A connection that finds the accept queue full tries again a second later. That second is the kernel's, not the transport's.",
    applies: ({ row }) => (row.listen_overflows ?? 0) > 0,
    cause: ({ row }) =>
      `The accept queue overflowed ${row.listen_overflows} times, so connect times are not the transport's`,
    remedy: (row) => `raise net.core.somaxconn${orFewerClients(row)}`,
  },
  "packets-dropped": {
    verdict: "suspect",
    meaning:
      "Loopback drops a packet only where the packet queue of a CPU is full. Its data arrives 200 ms later at the earliest, a new " +
      "connection 1 s later. That time is the kernel's, not the transport's.",
    applies: ({ row }) => (row.netdev_backlog_drops ?? 0) > 0,
    cause: ({ row }) =>
      `The kernel dropped ${row.netdev_backlog_drops} packets since its queue was full, and they were sent again`,
    remedy: (row) => `raise net.core.netdev_max_backlog${orFewerClients(row)}`,
  },
  "network-off": {
    verdict: "invalid",
    meaning:
      "The network was not the one that the row names: the round trip of the probe is off by more than 10 % and 1 ms (and half the jitter), the " +
      "loss is outside the middle 99.9 % of what such draws give, or clients shared a link.",
    applies: ({ row, measurement: { network } }) => network !== undefined && deviationsOf(row, network).length > 0,
    cause: ({ row, measurement: { network } }) =>
      `The network was not ${row.network}: ${deviationsOf(row, network!).join("; ")}`,
    remedy: () => "stop other programs and run again, and report it if that does not help",
    retryable: true,
  },
  "network-behind": {
    verdict: "suspect",
    meaning:
      "The process that is the network let 1 % of the packets go later than 1 ms and 5 % of the round trip, used more than 80 % of a core, or " +
      "could not take all packets: its delay is in the latencies.",
    applies: ({ measurement: { network } }) => network !== undefined && isBehind(network),
    cause: ({ measurement: { network } }) => {
      const { lateP99Us = 0, cpuPercent = 0, packets } = network!;
      const unkept = packets && packets.unkept > 0 ? `, ${countText(packets.unkept)} packets were lost by it` : "";
      return (
        `The emulated network could not keep up: p99 of its packets left ${milliseconds(lateP99Us)} ms late, and it used ` +
        `${cpuPercent.toFixed(0)} % of a core${unkept}`
      );
    },
    remedy: (row) => `lower ${rateFlag(row)}${orFewerClients(row)}, or stop other programs`,
    overload: true,
    retryable: true,
  },
  "fault-late": {
    verdict: "invalid",
    meaning:
      "The fault was complete more than 50 ms after its time, since the machine was too busy or it met too many clients. The plan of the " +
      "trial is then not what happened.",
    applies: ({ row }) => (row.fault_late_ms ?? 0) > 50,
    cause: ({ row }) => `The fault was complete ${row.fault_late_ms} ms after its time`,
    remedy: () => "use fewer --clients or a smaller share of them, or end other programs",
  },
  "storm-at-generator": {
    verdict: "suspect",
    meaning:
      "From 90 % of a core in a second on, the rush back waits in the worker of the affected clients, and not at the server.",
    applies: ({ measurement: { fault } }) => (fault?.generatorPeakPercent ?? 0) > 90,
    cause: ({ measurement: { fault } }) =>
      `The worker of the affected clients used ${fault!.generatorPeakPercent.toFixed(0)} % of a core in a second while they came back`,
    remedy: () => "use fewer --clients, or a wider --reconnect",
  },
  "fault-not-noticed": {
    verdict: "valid",
    meaning:
      "No client knew that its connection was gone, and none missed a message. Either TCP sent again what was lost, which heartbeats that are " +
      "further apart than the fault is long do not disturb, or the clients were between two polls and went on over new connections.",
    applies: ({ row }) => (row.affected ?? 0) > 0 && row.noticed === 0 && row.missed === 0,
    cause: ({ row }) =>
      isSilence(row)
        ? `Never noticed, nothing lost: no heartbeat of ${row.heartbeat} gave a connection up, and TCP sent again what it had lost`
        : "Never noticed, nothing lost: no client was waiting on its connection, and the next one goes on where it was",
  },
  "noticed-too-early": {
    verdict: "valid",
    meaning:
      "Clients gave up connections that were silent and would have gone on. What the server had sent into them was lost with them, and TCP " +
      "would have brought it. This is a result: the heartbeat is too eager, or the transport has to resume.",
    applies: ({ row }) => isSilence(row) && (row.noticed ?? 0) > 0 && (row.missed ?? 0) > 0,
    cause: ({ row }) =>
      `Noticed too early, lost what TCP would have brought: ${countText(row.noticed)} clients gave their connections up and missed ` +
      `${countText(row.missed)} messages`,
    remedy: () => "lengthen --heartbeat, or resume: --history, or a transport that keeps a session",
  },
  "history-short": {
    verdict: "valid",
    meaning: "The application keeps messages for clients that come back, and yet some were missed: it kept too few.",
    applies: ({ row, measurement: { fault } }) =>
      fault?.keepsHistory === true && (row.missed ?? 0) > 0 && !row.fault?.startsWith("restart"), // it ends with its server
    cause: ({ row }) => `The history of ${row.history} was too short for ${countText(row.missed)} of the missed`,
    remedy: () => "raise --history",
  },
  "queue-dropped": {
    verdict: "valid",
    meaning: "A full queue in front of a client's rate drops packets, as that of a real link does. This is a result.",
    applies: ({ measurement: { network } }) => (network?.packets?.dropped ?? 0) > 0,
    cause: ({ measurement: { network } }) =>
      `${countText(network!.packets!.dropped)} of ${countText(network!.packets!.offered)} packets found the queue in front of a client's rate full`,
  },
  "too-few-samples": {
    verdict: "valid",
    meaning: "One broadcast to 1,000 clients is one event: a percentile that fewer than 10 messages reached is chance.",
    applies: ({ row, measurement: { latency } }) =>
      latency.latencyUs.totalCount > 0 && row.latency_p99_us === undefined,
    cause: () => "Fewer than 10 messages reached the 99th percentile, so it is left empty",
    remedy: (row, overloaded) =>
      // At another speed a trace has as many messages.
      replaysTrace(row) ? "replay a longer trace" : `use a longer --duration${overloaded ? "" : " or a higher --rate"}`,
  },
  "idle-window-unaligned": {
    verdict: "valid",
    meaning:
      "With many clients heartbeats or polls follow one another without a pause. The edges of the window then cut some cycles in two, and " +
      "their bytes are not exact.",
    applies: ({ measurement: { idle, wire } }) => idle?.aligned === false && wire.traffic !== undefined,
    cause: () =>
      "The connections were never silent long enough to begin the window between two cycles, so idle bytes are left empty",
    remedy: () => "use fewer --clients",
  },
  "memory-growth": {
    verdict: "suspect",
    meaning: "Growth above 10 % and 16 MiB within half a window is more than garbage that is not collected yet.",
    applies: ({ measurement: { servers, delivery } }) =>
      !delivery.paused && // the scenario asks for what the server holds for paused clients
      servers.rssMiddleBytes !== undefined &&
      exceeds(
        servers.loads.reduce((sum, { rssBytes }) => sum + rssBytes, 0) - servers.rssMiddleBytes,
        0.1,
        servers.rssMiddleBytes,
        16 * 2 ** 20,
      ),
    cause: ({ row }) => `The server's memory still grew at the end of the window (${row.server_rss_mib} MiB)`,
    remedy: () => "use a longer --warmup",
  },
  "outlier-repeat": {
    verdict: "suspect",
    meaning:
      "The CPU time per delivery of servers or clients differs by more than 25 % from earlier repeats, and that of the others does not go along " +
      "by at least a third of it. A machine that changes its speed changes both.",
    applies: ({ row, siblings }) => outlierOf(row, siblings) !== undefined,
    cause: ({ row, siblings }) => {
      const { who, column } = outlierOf(row, siblings)!;
      return `The CPU per delivery of the ${who} (${row[column]} us) differs by more than 25 % from earlier repeats`;
    },
    remedy: () => "check for other programs, or use more --repeat",
  },
} satisfies Record<string, Rule>;

/** Ids of the rules that may not apply when the same trial is run again. */
export const retryableRules: ReadonlySet<string> = new Set(
  Object.entries<Rule>(validityRules).flatMap(([id, { retryable }]) => (retryable ? [id] : [])),
);

/**
 * Verdict and remedy of a rule, for one note about all rows to which it applies. If the load of any of them was too
 * high, no higher one is advised. Undefined for the id of another version.
 */
export function ruleAdvice(
  id: string,
  affected: readonly Row[],
): { verdict: RowStatus; remedy: string | undefined } | undefined {
  const rules: Record<string, Rule> = validityRules;
  const rule = Object.hasOwn(rules, id) ? rules[id]! : undefined;
  const overloaded = affected.flatMap(ruleIds).some((each) => Object.hasOwn(rules, each) && rules[each]!.overload);
  return rule && { verdict: rule.verdict, remedy: rule.remedy?.(affected[0] ?? {}, overloaded) };
}

/** Ids of the rules that apply to a row. */
export function ruleIds({ rules = "" }: Row): string[] {
  return rules.split(" ").filter((id) => id !== "");
}

/** The worst verdict of all rules that apply, their ids, and a reason from each, notes included. */
export function evaluateRules(
  row: Row,
  measurement: Measurement,
  siblings: readonly Row[],
): { status: RowStatus; rules: string[]; reasons: string[] } {
  const input = { row, measurement, siblings };
  const applying = Object.entries<Rule>(validityRules).filter(([, rule]) => rule.applies(input));
  const overloaded = applying.some(([, rule]) => rule.overload);
  const status =
    (["invalid", "suspect"] as const).find((each) => applying.some(([, { verdict }]) => verdict === each)) ?? "valid";
  return {
    status,
    rules: applying.map(([id]) => id),
    reasons: applying.map(([, { cause, remedy }]) =>
      remedy ? `${cause(input)}: ${remedy(row, overloaded)}.` : `${cause(input)}.`,
    ),
  };
}

/** Deliveries that were lost without a fault, a failed session or a lost connection, which have reasons of their own. */
function unexplainedLoss({ row: { lost = 0, missed = 0 }, measurement: { sessions, gone, fault } }: RuleInput): number {
  return (
    lost - missed - (fault?.lostWithSenders ?? 0) - gone.lostDeliveries - (sessions ? countGone(sessions.failures) : 0)
  );
}

/** In which ways the network was not the one that was asked for, as clauses. */
function deviationsOf({ clients = 0 }: Row, { conditions, by, rttUs, packets, links }: NetworkMeasurement): string[] {
  const askedUs = expectedRttUs(conditions, by);
  const boundUs = 0.1 * askedUs + 1_000 + 500 * conditions.jitterMs;
  return [
    Math.abs(rttUs - askedUs) > boundUs &&
      `a round trip took ${milliseconds(rttUs)} ms in place of ${milliseconds(askedUs)} ms`,
    packets &&
      !isBinomial(packets.lost, packets.offered, conditions.lossShare, 0.999) &&
      `it lost ${countText(packets.lost)} of ${countText(packets.offered)} packets`,
    links !== undefined && links < clients && `${clients} clients had ${links} links`,
  ].filter((each) => typeof each === "string");
}

function isBehind({ conditions, lateP99Us = 0, cpuPercent = 0, packets }: NetworkMeasurement): boolean {
  return lateP99Us > Math.max(1_000, 50 * conditions.rttMs) || cpuPercent > 80 || (packets?.unkept ?? 0) > 0;
}

function contextOf({ clients = 0, duration_s: durationS = 0 }: Row): GoneContext {
  return { clients, durationS };
}

function lostWithText(deliveries: number): string {
  return deliveries === 0 ? "" : `; ${countText(deliveries)} deliveries were lost with these connections`;
}

/** The first lost message in parentheses: ` (first: message 17 of client 3 to client 44)`. Empty where none is known. */
function firstLostText({ row: { clients = 0 }, measurement: { delivery } }: RuleInput): string {
  if (!delivery.firstLost) return "";
  const { seq, sender, receiver } = delivery.firstLost;
  const party = (number: number): string => (number >= 0 && number < clients ? `client ${number}` : "the server");
  return ` (first: message ${seq} of ${party(sender)} to ${party(receiver)})`;
}

/** The error of the clocks, where there are several. */
function beyondText({ clock }: Measurement): string {
  return clock ? `, by more than the ${countText(Math.ceil(clock.errorUs))} us to which their clocks are known` : "";
}

const countText = (count = 0): string => count.toLocaleString("en");

function isSorted(values: readonly (number | undefined)[]): boolean {
  const known = values.filter((value) => value !== undefined);
  return known.every((value, i) => i === 0 || known[i - 1]! <= value);
}
