import { checkSecured } from "../definitions/compatibility.ts";
import { apps } from "../definitions/apps.ts";
import { answerCalls } from "../system/ipc.ts";
import type { Address, App, Options, Server, Traffic } from "../contract.ts";
import { messageOf } from "../lib/errors.ts";
import { hubPart, takesPart, type HubPart } from "./server-workload.ts";
import { machineBusyUs, netCounters, type NetCounters } from "../system/procfs.ts";
import { emptyTally, type Tally } from "./delivery-ledger.ts";
import type { Sent } from "./sender.ts";
import type { Values } from "./recorder.ts";
import type { Settings } from "../definitions/settings.ts";
import { loadTransport, optionsFor } from "../transports.ts";
import { atTimes, threeOf, usage, usageOf, watchProcess, type Usage } from "../system/process-usage.ts";

/** What a server process of a trial can be asked. */
export interface ServerCalls {
  /** Hosts the application and says where. With the trial's `settings` its hub takes the part in it that they give it. */
  serve(order: Hosting): Promise<readonly Address[]>;
  /** Now: what has passed, and who is there. */
  state(): ServerState;
  /** Answers after the last of these times with what was so at each; the traffic, which takes a look at every socket, only at three. */
  watch(timesUs: readonly number[]): Promise<ServerState[]>;
  growth(): Growth;
  /** What a worker is asked, too; of a hub that says and hears nothing of itself the answer is nothing. */
  warmUp(startUs: number): void;
  play(times: { t0Us: number; t1Us: number }): Promise<Sent>;
  tally(): Tally;
  values(): Values | undefined;
}

/** What a server is to host. `server` is its number among several. */
export interface Hosting {
  transport: string;
  app: keyof typeof apps;
  options: Partial<Options>;
  settings?: Settings;
  server?: number;
}

/** How resident memory grew as clients joined: pairs of clients present and bytes. */
export type Growth = readonly (readonly [clients: number, bytes: number])[];

/** A moment of one server process. Undefined is what cannot be known here, or was not asked for. */
export interface ServerState {
  usage: Usage | undefined;
  traffic: Traffic | undefined;
  present: number | undefined;
  /** Messages that the hub was told as their receiver, since it began. */
  heard: number;
  net: NetCounters | undefined;
  machineBusyUs: number | undefined;
}

/** Joins between two looks at the memory: often enough for a slope, seldom enough to cost nothing. */
const joinsPerLook = 25;

let server: Server | undefined;
let part: HubPart | undefined;
let [present, most] = [0, 0];
const growth: [number, number][] = [];

const state = (withTraffic = true): ServerState => ({
  usage: server?.program ? usageOf(server.program.group) : usage(),
  traffic: withTraffic ? server?.traffic() : undefined,
  present: server?.program ? undefined : present, // who is connected to another program is not seen here
  heard: part?.heard() ?? 0,
  net: netCounters(),
  machineBusyUs: machineBusyUs(),
});

watchProcess();
const fail = answerCalls({
  async serve({ transport: name, app, options, settings, server: number = 0 }) {
    const transport = await loadTransport(name);
    const { default: serve } = await transport.server();
    const all = optionsFor(transport, options);
    if (settings && takesPart(settings)) part = hubPart(settings, number);
    server = await serve(counted(part?.app ?? apps[app]), all, app);
    server.program?.ended.catch((error: unknown) => fail(messageOf(error)));
    checkSecured(name, server, all);
    return server.addresses;
  },
  state: () => state(),
  watch: (timesUs) => atTimes(timesUs, (edge) => state(threeOf(timesUs.length).includes(edge))),
  growth: () => growth,
  warmUp: (startUs) => part?.warmUp(startUs),
  play: async (times) => part?.play(times) ?? { sent: 0, expected: 0, slowExpected: 0 },
  tally: () => part?.tally() ?? emptyTally,
  values: () => part?.values(),
} satisfies ServerCalls);

/** The application, and a count of who is there. */
function counted(app: App): App {
  return (openRoom) => {
    const hub = app(openRoom);
    return {
      join(link) {
        if (++present > most && most++ % joinsPerLook === 0) growth.push([present, process.memoryUsage.rss()]);
        hub.join(link);
      },
      receive: hub.receive,
      leave(link) {
        present--;
        hub.leave(link);
      },
    };
  };
}
