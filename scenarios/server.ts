import { apps } from "./apps.ts";
import { answerCalls } from "./child.ts";
import type { Address, App, Options, Server, Traffic } from "./contract.ts";
import { loadTransport, optionsFor } from "./transports.ts";
import { atEdges, usage, type Usage } from "./usage.ts";

/** What the server process of a trial can be asked. */
export interface ServerCalls {
  /** Hosts the application and says where. */
  serve(order: { transport: string; app: keyof typeof apps; options: Partial<Options> }): Promise<readonly Address[]>;
  /** Now: what has passed, and how many clients are present. */
  state(): ServerState;
  /** Answers after T1 with what was so at T0 and T1. */
  watch(window: { t0Us: number; t1Us: number }): Promise<[ServerState, ServerState]>;
}

/** A moment of the server: empty traffic where it cannot be known. */
export interface ServerState {
  usage: Usage;
  traffic: Traffic | undefined;
  present: number;
}

let server: Server | undefined;
let present = 0;

const state = (): ServerState => ({ usage: usage(), traffic: server?.traffic(), present });

answerCalls({
  async serve({ transport: name, app, options }) {
    const transport = await loadTransport(name);
    const { default: serve } = await transport.server();
    server = await serve(counted(apps[app]), optionsFor(transport, options));
    return server.addresses;
  },
  state,
  watch: ({ t0Us, t1Us }) => atEdges(t0Us, t1Us, state),
} satisfies ServerCalls);

/** The application, and a count of who is there. */
function counted(app: App): App {
  return (openRoom) => {
    const hub = app(openRoom);
    return {
      join(link) {
        present++;
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
