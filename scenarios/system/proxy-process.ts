import type { NetworkConditions } from "../lib/network-conditions.ts";
import { DelayProxy, type StreamTarget } from "./delay-proxy.ts";
import type { EmulatorState } from "./emulator-process.ts";
import { serveCalls } from "./ipc.ts";

/** Calls that the proxy process answers. */
export interface ProxyCalls {
  open(request: { conditions: NetworkConditions; seed: number }): Promise<void>;
  /** Opens a port for each of these clients, who have links of their own from number `first` on. Answers the ports. */
  listen(request: { first: number; targets: readonly StreamTarget[] }): Promise<number[]>;
  state(): EmulatorState;
}

let proxy: DelayProxy | undefined;

function opened(): DelayProxy {
  if (!proxy) throw new Error("the proxy was called before it was opened");
  return proxy;
}

serveCalls({
  async open({ conditions, seed }) {
    proxy = new DelayProxy(conditions, seed);
    await proxy.open();
  },
  listen: ({ first, targets }) => Promise.all(targets.map((target, i) => opened().listen(first + i, target))),
  state: () => opened().state(),
} satisfies ProxyCalls);
