import { apps } from "./apps.ts";
import { answerCalls } from "./child.ts";
import type { Address, App, Options, Server, Traffic } from "./contract.ts";
import { messageOf } from "./errors.ts";
import { machineBusyUs, netCounters, type NetCounters } from "./kernel.ts";
import { loadTransport, optionsFor } from "./transports.ts";
import { atTimes, threeOf, usage, usageOf, watchProcess, type Usage } from "./usage.ts";

/** What a server process of a trial can be asked. */
export interface ServerCalls {
  /** Hosts the application and says where. */
  serve(order: { transport: string; app: keyof typeof apps; options: Partial<Options> }): Promise<readonly Address[]>;
  /** Now: what has passed, and who is there. */
  state(): ServerState;
  /** Answers after the last of these times with what was so at each; the traffic, which takes a look at every socket, only at three. */
  watch(timesUs: readonly number[]): Promise<ServerState[]>;
  growth(): Growth;
}

/** How resident memory grew as clients joined: pairs of clients present and bytes. */
export type Growth = readonly (readonly [clients: number, bytes: number])[];

/** A moment of one server process. Undefined is what cannot be known here, or was not asked for. */
export interface ServerState {
  usage: Usage | undefined;
  traffic: Traffic | undefined;
  present: number | undefined;
  net: NetCounters | undefined;
  machineBusyUs: number | undefined;
}

/** Joins between two looks at the memory: often enough for a slope, seldom enough to cost nothing. */
const joinsPerLook = 25;

let server: Server | undefined;
let present = 0;
const growth: [number, number][] = [];

const state = (withTraffic = true): ServerState => ({
  usage: server?.program ? usageOf(server.program.group) : usage(),
  traffic: withTraffic ? server?.traffic() : undefined,
  present: server?.program ? undefined : present, // who is connected to another program is not seen here
  net: netCounters(),
  machineBusyUs: machineBusyUs(),
});

watchProcess();
const fail = answerCalls({
  async serve({ transport: name, app, options }) {
    const transport = await loadTransport(name);
    const { default: serve } = await transport.server();
    server = await serve(counted(apps[app]), optionsFor(transport, options), app);
    server.program?.ended.catch((error: unknown) => fail(messageOf(error)));
    return server.addresses;
  },
  state: () => state(),
  watch: (timesUs) => atTimes(timesUs, (edge) => state(threeOf(timesUs.length).includes(edge))),
  growth: () => growth,
} satisfies ServerCalls);

/** The application, and a count of who is there. */
function counted(app: App): App {
  return (openRoom) => {
    const hub = app(openRoom);
    return {
      join(link) {
        if (present++ % joinsPerLook === 0) growth.push([present, process.memoryUsage.rss()]);
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
