import type { ClientClocks, ClientProgram, Traffic } from "../contract.ts";
import { clientBytes } from "../lib/client-bytes.ts";
import { serveCalls } from "../system/ipc.ts";
import {
  monitorProcess,
  processUsage,
  snapshotsAt,
  type ProcessUsage,
  type WindowEdge,
} from "../system/process-usage.ts";
import { machineBusyUs } from "../system/procfs.ts";
import { startClientProgram, withProgramUsage } from "./client-program.ts";
import { emptyTally } from "./delivery-ledger.ts";
import { probePath, type ProbeRequest } from "./path-probe.ts";
import { startClients } from "./start-clients.ts";
import type { ConnectResult, VirtualClients, WorkerAssignment, WorkerProgress } from "./virtual-clients.ts";

/** Calls that a worker process answers: the methods of its `VirtualClients`, which `connect` creates. */
export interface WorkerCalls extends Omit<VirtualClients, "connect" | "totals"> {
  /** Takes round trips through the network, in microseconds. */
  probePath(request: ProbeRequest): Promise<number[]>;
  /** Connects this worker's share of the clients. */
  connect(assignment: WorkerAssignment): Promise<ConnectResult>;
  /** Usage of this process at each of these edges; answers after the last. */
  usagesAt(edges: readonly WindowEdge[]): Promise<ProcessUsage[]>;
  /** Clocks of the program in which the clients are; undefined where they are in this process. */
  programClocks(): Promise<ClientClocks | undefined>;
  /** Traffic of this worker's clients so far, seen from the server; undefined if they cannot count their bytes. */
  traffic(): Traffic | undefined;
  /** The same at each of these edges that is the edge of a slice; answers after the last. */
  trafficAt(edges: readonly WindowEdge[]): Promise<(Traffic | undefined)[]>;
}

const notStarted: WorkerProgress = { connected: 0, verified: 0, open: 0, away: 0, gone: 0, sent: 0, tally: emptyTally };

let clients: VirtualClients | undefined;
let program: ClientProgram | undefined;

function started(): VirtualClients {
  if (!clients) throw new Error("a worker was called before its clients were connected");
  return clients;
}

/** Bytes of empty polls are NaN: a client does not know where the bytes of one poll end, least of all over TLS. */
function traffic(): Traffic | undefined {
  const bytes = clientBytes();
  return bytes && clients && { ...bytes, ...clients.totals(), emptyPollBytes: NaN };
}

monitorProcess();
serveCalls({
  probePath,
  async connect(assignment) {
    program = await startClientProgram(assignment);
    const clocks = await program?.clocks();
    const clockErrorUs = (assignment.clockErrorUs ?? 0) + (clocks?.errorUs ?? 0);
    clients = await startClients({ ...assignment, clockErrorUs });
    return clients.connect();
  },
  verify: (startUs) => started().verify(startUs),
  warmUp: (startUs) => started().warmUp(startUs),
  runWindow: (times) => started().runWindow(times),
  usagesAt: (edges) =>
    snapshotsAt(edges, ({ second, machine }) => ({
      ...withProgramUsage(processUsage(second), program),
      ...(machine && { machineBusyUs: machineBusyUs() }),
    })),
  programClocks: async () => program?.clocks(),
  traffic,
  trafficAt: (edges) => snapshotsAt(edges, ({ slice }) => (slice ? traffic() : undefined)),
  progress: () => clients?.progress() ?? notStarted,
  histograms: () => started().histograms(),
  watched: () => started().watched(),
  latenciesIn: (part) => started().latenciesIn(part),
  gone: () => clients?.gone() ?? [],
  faultReport: (strikes) => started().faultReport(strikes),
  missing: (gone) => started().missing(gone),
  disconnect: async () => clients?.disconnect(),
} satisfies WorkerCalls);
