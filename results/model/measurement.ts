import type { Traffic } from "../../scenarios/contract.ts";
import type { NetworkBackend, NetworkConditions } from "../../scenarios/lib/network-conditions.ts";
import type { Histogram } from "../statistics/histogram.ts";

/** Columns that tell the row of a trial from other rows, and that pair it with rows of other runs. */
export interface RowKeys {
  run_id: string;
  started_at: string;
  repeat: number;
  build: string;
  scenario: string;
  transport: string;
  clients: number;
  rooms: number;
  senders: number;
  payload_bytes: number;
  payload_kind: string;
  offered_per_s: number;
  duration_s: number;
  extra_header_bytes: number;
  network: string;
  network_by: string;
  through: string;
  hosts: number;
  client: string;
  /** Left out for a server that the harness did not start. */
  server_processes?: number;
  traffic_pattern: string;
  fault: string;
  reconnect: string;
  heartbeat: string;
  history: string;
}

/**
 * CPU, memory and event loop of one process in the measured window. NaN where it cannot be known: a server that is
 * another program.
 */
export interface ProcessLoad {
  cpuUs: number;
  /** CPU time in percent of one core. */
  cpuPercent: number;
  /** Event loop utilisation: share of the time in which the event loop did not wait, 0 to 1. */
  elu: number;
  rssBytes: number;
  gcUs: number;
  /** Delay of a timer in the event loop. */
  loopDelayP99Us: number;
  loopDelayMaxUs: number;
  /** Share of the time in which the main thread was ready to run but had no CPU, in percent. Undefined off Linux. */
  cpuWaitPercent: number | undefined;
}

/** One second of the window. The last one may be shorter. */
export interface SecondOfWindow {
  /** Start of the second, in seconds from T0. */
  fromS: number;
  /** Messages that were due in it, of senders that were not gone. */
  messages: number;
  /** Time until the last receiver of a message had it, over the messages that were delivered; undefined without any. */
  fanout: { p50Us: number; maxUs: number } | undefined;
  /** Undefined for servers that the harness did not start, as are the next two. */
  serverCpuPercent: number | undefined;
  serverRssBytes: number | undefined;
  serverLoopDelayMaxUs: number | undefined;
  /** The largest over all workers. */
  clientLoopDelayMaxUs: number;
  /** Clients whose connection ended in it, before its time. */
  dropped: number;
}

/** Kernel counters in the window. They are known only in a network namespace of the trial's own. */
export interface PacketCounts {
  segments: number;
  retransmissions: number;
  octets: number;
}

/** Counts of deliveries at the receivers of a ledger, warm-up included; only `delivered` is of the window alone. */
export interface DeliveryTally {
  /** Distinct correct (message, receiver) pairs of the measured messages. */
  delivered: number;
  /** Deliveries beyond the first. */
  duplicated: number;
  /** Deliveries that came after a later message of the same sender. */
  reordered: number;
  /** Payloads with a stamp of the schedule that differ otherwise from what was sent. */
  corrupted: number;
  /** Messages that are not in the schedule, not due yet, or not for this receiver. A damaged stamp counts here too. */
  unexpected: number;
  /**
   * Part of `unexpected`: messages that arrived before they were due, by more than the error of the clocks. The clocks of
   * two processes disagree.
   */
  early: number;
  /**
   * Microseconds by which the earliest of the others seemed to arrive before it was due: 0 where all processes have one
   * clock. It must be within the error of the clocks, which is known after the window.
   */
  mostEarlyUs: number;
  /** First deliveries of any message between T0 and T1. */
  windowDeliveries: number;
}

/** Connecting: one histogram value per connection, in microseconds. */
export interface ConnectMeasurement {
  timesUs: Histogram;
  /** Time from the first connect to the last ready connection. */
  spanUs: number;
  /** Bytes of all clients until their connections were ready; undefined where they cannot be told from others. */
  bytes: { in: number; out: number } | undefined;
}

/** Messages and deliveries. `expected`, `delivered` and `windowDeliveries` are of clients that were not paused. */
export interface DeliveryMeasurement extends DeliveryTally {
  /** True where the transport promises to lose no message. */
  reliable: boolean;
  /**
   * The delivery that did not come, of the message that was due first: its number among those of its sender, and the
   * numbers of both clients. A number that is not of a client is the server. Undefined where none is known.
   */
  firstLost: { seq: number; sender: number; receiver: number } | undefined;
  planned: number;
  sent: number;
  expected: number;
  /** Deliveries to clients that were paused in the window, and how many of these clients the server disconnected. */
  paused?: { clients: number; dropped: number; expected: number; delivered: number } | undefined;
}

/** Latency in the sender worker, which has the observers, and in the other workers. */
export interface ObserversVsReceivers {
  observersP50Us: number;
  receiversP50Us: number;
  observersP95Us: number;
  receiversP95Us: number;
}

/** Latency of measured messages, in microseconds. Paused clients are left out. */
export interface LatencyMeasurement {
  /** From the due time to the receiver. */
  latencyUs: Histogram;
  /** From the actual send to the receiver. */
  serviceUs: Histogram;
  /** From the due time to the actual send. */
  sendLagUs: Histogram;
  /** The largest latency of each message that was delivered at all, ascending. */
  largestUs: Float32Array;
  /** Medians of the observers and of the receivers in busy workers; undefined where one of them received nothing. */
  observerVsReceivers: ObserversVsReceivers | undefined;
  /** True where the server sends: it wakes by a millisecond timer, since spinning would be in its CPU time. */
  serverSends: boolean;
  /** True where messages wait for the slot of their side: that wait is in the latency and not in the service time. */
  halfDuplex: boolean;
}

/** Traffic of the servers from T0 to T1, and kernel counters. Undefined where it cannot be known. */
export interface WireMeasurement {
  traffic: Traffic | undefined;
  /** Where the traffic was counted. Undefined if nowhere. */
  countedAt: "server" | "clients" | undefined;
  /**
   * Traffic from before the first message to after the last, warm-up included, if T0 and T1 could cut in two what belongs
   * together: a session, or a request of a client that counts and its answer. Undefined otherwise.
   */
  uncut: Traffic | undefined;
  /** Messages that the server application received as their receiver. */
  receivedByServer: number;
  packets: PacketCounts | undefined;
  /** Connections that found the accept queue full, in the whole trial. */
  listenOverflows: number | undefined;
  /** Packets that found the queue of a CPU full, in the whole trial. */
  netdevBacklogDrops: number | undefined;
}

/** CPU time of all servers and of all workers, and deliveries, in one of the equal slices of the window. */
export interface SliceCost {
  cpuUs: number;
  clientCpuUs: number;
  deliveries: number;
}

/** The server processes. `loads` is empty where the harness did not start them. */
export interface ServerMeasurement {
  loads: readonly ProcessLoad[];
  /** Equal slices of the window, in order; empty where the CPU time is not known. */
  slices: readonly SliceCost[];
  /** Resident memory before the first client. */
  rssBaselineBytes: number | undefined;
  /** Growth of resident memory per client while clients joined: a slope. */
  rssPerClientBytes: number | undefined;
  /** Resident memory in the middle of the window. */
  rssMiddleBytes: number | undefined;
}

/** Clients that were refused or dropped. Paused clients that were disconnected in the window are not among them. */
export interface GoneMeasurement {
  /** Refused clients by what was answered. */
  refused: ReadonlyMap<string, number>;
  /** Dropped clients by the reason of the end. */
  dropped: ReadonlyMap<string, number>;
  /** Ends of their connections in seconds from T0, ascending; negative before T0. */
  droppedAtS: readonly number[];
  /** Clients whose session was opened and not known at a later request. */
  unknownSessions: number;
  /** The time without a message after which so many connections ended, where it is the same for many. */
  silence: { seconds: number; clients: number } | undefined;
  /** Deliveries that were lost with these connections. */
  lostDeliveries: number;
}

/** Only with one connection per message. */
export interface SessionMeasurement {
  /** Clients that connected before the load; `connect.bytes` is theirs. */
  firstSessions: number;
  /** Sessions of the window that began late because all slots were in use. */
  delayed: number;
  /** Failures by reason. */
  failures: ReadonlyMap<string, number>;
}

/** Only where nobody sends. */
export interface IdleMeasurement {
  /** Whole heartbeat or poll cycles in the window. */
  cycles: number;
  /** Length of a cycle with the transport's own options. */
  periodMs: number;
  /** True where nothing passed at either edge of the window, so that no cycle was cut in two. */
  aligned: boolean;
}

/** The network between clients and servers as it was. */
export interface NetworkMeasurement {
  /** What was asked for. */
  conditions: NetworkConditions;
  by: NetworkBackend;
  /** Median of the round trips through the empty path, before the first client. */
  rttUs: number;
  /** Both ways, from the first packet to the end of the drain. Undefined where the path has no packets. */
  packets:
    | {
        offered: number;
        /** Lost by the probability that was asked for. */
        lost: number;
        /** Dropped in front of the rate. */
        dropped: number;
        /** Lost because the path was too slow for them. */
        unkept: number;
      }
    | undefined;
  /** Clients that the path saw, each with a link of its own. Undefined where it cannot tell. */
  links: number | undefined;
  /** 99th percentile of the time by which packets left the path too late, in the window. Undefined where the kernel is the path. */
  lateP99Us: number | undefined;
  /** CPU of the path's process in the window, in percent of one core. Undefined where the kernel is the path. */
  cpuPercent: number | undefined;
}

/** The reverse proxy between clients and servers in the window. */
export interface ProxyMeasurement {
  version: string;
  /** CPU time of all its processes, in microseconds. Undefined off Linux, as are the next two. */
  cpuUs: number | undefined;
  /** That time in percent of one core. */
  cpuPercent: number | undefined;
  /** Resident memory at T1. Memory that its processes share counts for each. */
  rssBytes: number | undefined;
  /** Bytes between clients and proxy, seen from the proxy. Undefined where a client library hides its socket. */
  clientBytes: { in: number; out: number } | undefined;
}

/** One machine of a trial over agents, in the window. */
export interface MachineLoad {
  /** Its agents, each with its clients, its own CPU, and the most by which its clock is wrong against that of
   * the bench (0: it is the same). Several only where they share one machine. */
  agents: readonly {
    name: string;
    clients: number;
    cpuPercent: number;
    clockErrorUs: number;
    /** The clock of the bench over the agent's: `offsetUs` more at `atUs`, and faster by `ppm`. Default: they are the same. */
    clock?: { offsetUs: number; ppm: number; atUs: number };
  }[];
  cores: number;
  /** CPU time of the trial's processes there, in percent of one core. */
  cpuPercent: number;
  /** CPU time of everything else there, likewise. */
  otherCpuPercent: number | undefined;
  /** Share of time in which a process of the trial was ready there but had no CPU, largest over processes. */
  cpuWaitPercent: number | undefined;
}

/** Clocks behind the latencies of a trial whose processes were on several hosts, or whose clients were in pages. */
export interface ClockMeasurement {
  /** Hosts, each with a clock of its own. */
  hosts: number;
  /** Pages of a browser, each with a clock of its own. Default: no client was in a page. */
  pages?: number | undefined;
  /** Most by which a time from one clock to another is wrong, in microseconds. NaN if it is not known. */
  errorUs: number;
  /**
   * Deliveries that the latencies are of. `one host`: those to the sender worker, which has all senders and the observers.
   * `none`: no latency is exact enough.
   */
  latencyOf: "all" | "one host" | "none";
}

/**
 * What a fault did to one client. Times are in microseconds: NaN where nothing was noticed, nothing came, or the client
 * was never back. Plain data.
 */
export interface Interruption {
  client: number;
  /** From the beginning of the fault until the client knew that its connection was lost. */
  detectUs: number;
  /** From the end of the fault until the client was back in its room; negative before that end. */
  backUs: number;
  /** True if the client knew and was not back when the trial ended. */
  gaveUp: boolean;
  /** From the end of the fault until the first message that was due after it. */
  liveUs: number;
  /** From the end of the fault until the last message that was due before the client was back, of those that came. */
  caughtUpUs: number;
  /** Messages due from the beginning of the fault, or on their way then, until the client was back. */
  possible: number;
  /** Of these, the ones that never came. */
  missed: number;
  /** Messages due while the client had no connection: a transport that resumes nothing misses them all. */
  leastMissed: number;
  /** Messages due before the client was back that came on the new connection. */
  replayed: number;
}

/** A fault and what it did. */
export interface FaultMeasurement {
  /** Most by which it was complete after its time. */
  lateUs: number;
  interruptions: readonly Interruption[];
  /** Deliveries that were lost since their sender was struck, beside those that interruptions explain. */
  lostWithSenders: number;
  /** From the beginning of the fault until the server's application lost each connection, ascending. */
  serverDetectUs: readonly number[];
  /** Messages that were due at clients without a connection and were said later. */
  unsaid: number;
  /** Most connections that the servers accepted in a tenth of a second after the beginning of the fault, times ten. */
  stormPerS: number;
  /** Largest CPU of the servers in a second from the beginning of the fault on, in percent of a core. */
  serverCpuPeakPercent: number | undefined;
  /** Latency of the other clients from the fault to 5 s after it. */
  bystandersUs: Histogram;
  /** Bytes of the servers from the fault to T1 beyond those of its deliveries. Undefined where they are not known. */
  recoveryBytes: number | undefined;
  /** True where clients do not miss messages, unless the history is too short: their application keeps one. */
  keepsHistory: boolean;
  /** Largest share of a core of a worker of affected clients in a second, in percent. */
  generatorPeakPercent: number;
}

/** One trial, merged over its processes. Undefined is what could not be known. */
export interface Measurement {
  connect: ConnectMeasurement;
  warmupUs: number;
  delivery: DeliveryMeasurement;
  latency: LatencyMeasurement;
  wire: WireMeasurement;
  servers: ServerMeasurement;
  workers: readonly ProcessLoad[];
  machine: {
    /** CPU time of everything on the machine that is not of this trial, in percent of one core. */
    otherCpuPercent: number | undefined;
    cores: number;
    /** Set where agents ran the trial. Each machine then has its own CPU, and the numbers above are the largest of these. */
    hosts?: readonly MachineLoad[] | undefined;
  };
  seconds: readonly SecondOfWindow[];
  /** Default: all processes had one clock, and the latency is of all deliveries. */
  clock?: ClockMeasurement | undefined;
  /** True if the clients did not check the certificate of the server. Default: they did, or there is none. */
  certificateUnchecked?: true | undefined;
  gone: GoneMeasurement;
  /** Only where there is a path between clients and servers. */
  network?: NetworkMeasurement | undefined;
  /** Only where there is a reverse proxy in front of the servers. */
  proxy?: ProxyMeasurement | undefined;
  sessions?: SessionMeasurement | undefined;
  /** Only where something broke. */
  fault?: FaultMeasurement | undefined;
  idle?: IdleMeasurement | undefined;
}
