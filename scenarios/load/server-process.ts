import { assertTls } from "../definitions/compatibility.ts";
import { apps } from "../definitions/apps.ts";
import { serveCalls } from "../system/ipc.ts";
import type { Address, App, Options, Server, Traffic } from "../contract.ts";
import { errorMessage } from "../lib/errors.ts";
import { startServerWorkload, type ServerWorkload } from "./server-workload.ts";
import { machineBusyUs, netCounters, type NetCounters } from "../system/procfs.ts";
import { emptyTally } from "./delivery-ledger.ts";
import type { SendCounts } from "./sender.ts";
import type { Histograms } from "./recorder.ts";
import type { Settings } from "../definitions/settings.ts";
import {
  snapshotsAt,
  firstMiddleLast,
  processUsage,
  processGroupUsage,
  monitorProcess,
  type ProcessUsage,
} from "../system/process-usage.ts";
import { loadTransport, optionsFor } from "../transports/load-transport.ts";
import { hasServerWorkload } from "../definitions/settings.ts";
import { type DeliveryTally } from "../../results/model/measurement.ts";

/** What a server process of a trial can be asked. */
export interface ServerCalls {
  /** Hosts the application and says where. With the trial's `settings` its hub takes the part in it that they give it. */
  serve(order: HostingRequest): Promise<readonly Address[]>;
  /** Now: what has passed, and who is there. */
  state(): ServerState;
  /** Answers after the last of these times with what was so at each; the traffic, which takes a look at every socket, only at three. */
  watch(timesUs: readonly number[]): Promise<ServerState[]>;
  growth(): MemoryGrowth;
  /** What a worker is asked, too; of a hub that says and hears nothing of itself the answer is nothing. */
  warmUp(startUs: number): void;
  runWindow(times: { t0Us: number; t1Us: number }): Promise<SendCounts>;
  tally(): DeliveryTally;
  histograms(): Histograms | undefined;
}

/** What a server is to host. `server` is its number among several. */
export interface HostingRequest {
  transport: string;
  app: keyof typeof apps;
  options: Partial<Options>;
  settings?: Settings;
  server?: number;
}

/** How resident memory grew as clients joined: pairs of clients present and bytes. */
export type MemoryGrowth = readonly (readonly [clients: number, bytes: number])[];

/** A moment of one server process. Undefined is what cannot be known here, or was not asked for. */
export interface ServerState {
  usage: ProcessUsage | undefined;
  traffic: Traffic | undefined;
  connectedClients: number | undefined;
  /** Messages that the hub was told as their receiver, since it began. */
  received: number;
  net: NetCounters | undefined;
  machineBusyUs: number | undefined;
}

/** Joins between two looks at the memory: often enough for a slope, seldom enough to cost nothing. */
const joinsPerLook = 25;

let server: Server | undefined;
let part: ServerWorkload | undefined;
let [present, most] = [0, 0];
const growth: [number, number][] = [];

const state = (withTraffic = true): ServerState => ({
  usage: server?.program ? processGroupUsage(server.program.group) : processUsage(),
  traffic: withTraffic ? server?.traffic() : undefined,
  connectedClients: server?.program ? undefined : present, // who is connected to another program is not seen here
  received: part?.received() ?? 0,
  net: netCounters(),
  machineBusyUs: machineBusyUs(),
});

monitorProcess();
const fail = serveCalls({
  async serve({ transport: name, app, options, settings, server: number = 0 }) {
    const transport = await loadTransport(name);
    const { default: serve } = await transport.server();
    const all = optionsFor(transport, options);
    if (settings && hasServerWorkload(settings)) part = startServerWorkload(settings, number);
    server = await serve(counted(part?.app ?? apps[app]), all, app);
    server.program?.ended.catch((error: unknown) => fail(errorMessage(error)));
    assertTls(name, server, all);
    return server.addresses;
  },
  state: () => state(),
  watch: (timesUs) => snapshotsAt(timesUs, (edge) => state(firstMiddleLast(timesUs.length).includes(edge))),
  growth: () => growth,
  warmUp: (startUs) => part?.warmUp(startUs),
  runWindow: async (times) => part?.runWindow(times) ?? { sent: 0, expected: 0, pausedExpected: 0 },
  tally: () => part?.tally() ?? emptyTally,
  histograms: () => part?.histograms(),
} satisfies ServerCalls);

/** The application, and a count of who is there. */
function counted(app: App): App {
  return (openRoom) => {
    const application = app(openRoom);
    return {
      join(connection) {
        if (++present > most && most++ % joinsPerLook === 0) growth.push([present, process.memoryUsage.rss()]);
        application.join(connection);
      },
      receive: application.receive,
      leave(connection) {
        present--;
        application.leave(connection);
      },
    };
  };
}
