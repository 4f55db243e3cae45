import type { DeliveryTally } from "../../results/model/measurement.ts";
import type { Address, App, Options, Server, Traffic } from "../contract.ts";
import { apps, chatWithHistory } from "../definitions/apps.ts";
import { assertTls } from "../definitions/compatibility.ts";
import { hasServerWorkload, type Settings } from "../definitions/settings.ts";
import type { Target } from "../definitions/target.ts";
import { nowUs } from "../lib/clock.ts";
import { errorMessage } from "../lib/errors.ts";
import { serveCalls } from "../system/ipc.ts";
import {
  monitorProcess,
  processGroupUsage,
  processUsage,
  snapshotsAt,
  type WindowEdge,
  type ProcessUsage,
} from "../system/process-usage.ts";
import { addNetCounters, machineBusyUs, netCounters, type NetCounters } from "../system/procfs.ts";
import { loadTransport } from "../transports/load-transport.ts";
import type { Absence } from "../workload/gone-client.ts";
import { emptyTally } from "./delivery-ledger.ts";
import type { WindowTimes } from "./measurement-window.ts";
import { noneMissing, type MissingDeliveries } from "./missing-deliveries.ts";
import type { Histograms } from "./recorder.ts";
import { openEcho, type Echo, type EchoRequest } from "./path-probe.ts";
import type { SendCounts } from "./sender.ts";
import { ServerWorkload } from "./server-workload.ts";
import type { TargetServer } from "./started-target.ts";
import { openTarget } from "./target-server.ts";

/** Calls that a server process answers. */
export interface ServerCalls {
  /** Hosts the application and answers its addresses. */
  serve(request: HostingRequest): Promise<readonly Address[]>;
  snapshot(): ServerState;
  /**
   * The state at each of these edges; answers after the last. Traffic, which reads every socket, only at the edges of
   * slices.
   */
  snapshotsAt(edges: readonly WindowEdge[]): Promise<ServerState[]>;
  memoryGrowth(): MemoryGrowth;
  /** Opens an echo for the probe of the network. Answers its address. */
  openEcho(request: EchoRequest): Promise<Address>;
  closeEcho(): void;
  warmUp(startUs: number): void;
  /** Sends what the server itself has to send in the window. */
  runWindow(times: WindowTimes): Promise<SendCounts>;
  /** Messages that the application itself received. */
  tally(): DeliveryTally;
  /** What is missing of the messages to the application itself, where these clients are gone. */
  missing(gone: readonly Absence[]): MissingDeliveries;
  /** Undefined where the application sends and receives nothing itself. */
  histograms(): Histograms | undefined;
  /** When clients came and left, on the host's clock: none unless the trial has a fault. */
  attendance(): Attendance;
  /** Closes the server as its protocol says. */
  shutDown(): Promise<void>;
  /** Ends the target that this process has started, if there is one. Answers when it has ended. */
  close(): Promise<void>;
}

/** Application of a server process. Plain data: it crosses a process border. */
export interface HostingRequest {
  /** Name of the transport, or path of its module. */
  transport: string;
  app: keyof typeof apps;
  options: Options;
  /** Settings of the trial, where the application has a part in it. */
  settings?: Settings;
  /** Number of this server among several. Default 0. */
  server?: number;
  /** A process in the network namespace of the clients, where that is another one than the servers'. */
  clientNamespace?: number;
  /** As in the assignment of a worker. */
  clockErrorUs?: number;
  /** A server to start or to watch in place of the transport's own. */
  target?: Target;
}

/** Times at which connections began and ended, ascending, on the host's clock. */
export interface Attendance {
  joinedUs: readonly number[];
  leftUs: readonly number[];
}

/** Growth of resident memory as clients joined: pairs of connected clients and bytes. */
export type MemoryGrowth = readonly (readonly [clients: number, bytes: number])[];

/** One server process at a moment. Undefined is what cannot be known, or was not requested. */
export interface ServerState {
  usage: ProcessUsage | undefined;
  traffic: Traffic | undefined;
  connectedClients: number | undefined;
  /** Messages that the application received as their receiver. */
  received: number;
  net: NetCounters | undefined;
  machineBusyUs: number | undefined;
}

/** Clients that join between two readings of the memory: often enough for a slope, seldom enough to cost nothing. */
const joinsPerReading = 25;

let server: Server | undefined;
let echo: Echo | undefined;
let clientNamespace: number | undefined;
let target: TargetServer | undefined;
let workload: ServerWorkload | undefined;
let [connectedClients, mostClients] = [0, 0];
const growth: [number, number][] = [];
const attendance: { joinedUs: number[]; leftUs: number[] } = { joinedUs: [], leftUs: [] };

function usageNow(second: boolean): ProcessUsage | undefined {
  if (target) return target.usage();
  return server?.program ? processGroupUsage(server.program.group) : processUsage(second);
}

const stateNow = ({ second, slice } = { second: true, slice: true }): ServerState => ({
  usage: usageNow(second),
  traffic: slice ? server?.traffic() : undefined,
  connectedClients: target || server?.program ? undefined : connectedClients, // another program does not report its connections
  received: workload?.received ?? 0,
  net:
    clientNamespace === undefined
      ? netCounters()
      : addNetCounters(netCounters(), netCounters("/proc", clientNamespace)),
  machineBusyUs: machineBusyUs(),
});

/** Notes when clients come and leave. */
function withAttendance(app: App): App {
  return (openRoom) => {
    const application = app(openRoom);
    return {
      ...application,
      join(connection) {
        attendance.joinedUs.push(nowUs());
        application.join(connection);
      },
      leave(connection) {
        attendance.leftUs.push(nowUs());
        application.leave(connection);
      },
    };
  };
}

/** The application of a trial on this server. */
function applicationFor(app: keyof typeof apps, settings: Settings | undefined): App {
  const history = settings?.historyMessages;
  const plain = workload?.app ?? (history === undefined ? apps[app] : chatWithHistory(history));
  return settings?.fault ? withAttendance(plain) : plain;
}

/** Counts the connected clients of an application, and reads the memory while they join. */
function withClientCount(app: App): App {
  return (openRoom) => {
    const application = app(openRoom);
    return {
      join(connection) {
        if (++connectedClients > mostClients && mostClients++ % joinsPerReading === 0)
          growth.push([connectedClients, process.memoryUsage.rss()]);
        application.join(connection);
      },
      receive: application.receive,
      leave(connection) {
        connectedClients--;
        application.leave(connection);
      },
    };
  };
}

monitorProcess();
const fail = serveCalls({
  async serve({ transport: name, app, options, settings, server: number = 0, target: requested, ...place }) {
    const { clockErrorUs } = place;
    clientNamespace = place.clientNamespace;
    if (requested) {
      target = await openTarget(requested);
      target.ended.catch((error: unknown) => fail(errorMessage(error)));
      return requested.addresses;
    }
    const transport = await loadTransport(name);
    const { default: serve } = await transport.server();
    if (settings && hasServerWorkload(settings)) workload = new ServerWorkload(settings, number, clockErrorUs);
    server = await serve(withClientCount(applicationFor(app, settings)), options, app);
    server.program?.ended.catch((error: unknown) => fail(errorMessage(error)));
    assertTls(name, server, options);
    return server.addresses;
  },
  snapshot: () => stateNow(),
  snapshotsAt: (edges) => snapshotsAt(edges, stateNow),
  memoryGrowth: () => growth,
  async openEcho(request) {
    echo = await openEcho(request);
    return echo.address;
  },
  closeEcho: () => echo?.close(),
  warmUp: (startUs) => workload?.warmUp(startUs),
  runWindow: async (times) => workload?.runWindow(times) ?? { sent: 0 },
  tally: () => workload?.tally() ?? emptyTally,
  missing: (gone) => workload?.missing(gone) ?? noneMissing,
  histograms: () => workload?.histograms(),
  attendance: () => attendance,
  shutDown: async () => server?.close(),
  close: async () => target?.close(),
} satisfies ServerCalls);
