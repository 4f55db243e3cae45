import type { Address } from "../contract.ts";
import { authority } from "../lib/addresses.ts";
import { startChild } from "./ipc.ts";
import { prefer } from "./prefer.ts";
import type { ProxyCalls } from "./proxy-process.ts";
import type { ConditionsRequest, TrialNetwork } from "./trial-network.ts";

/**
 * Starts a proxy that is the path of a trial. Servers and clients stay on the loopback of this machine, so it needs no
 * privileges and no namespaces. Each client has a port of its own at the proxy, and with it a link of its own.
 */
export async function openProxyNetwork({ conditions, seed }: ConditionsRequest): Promise<TrialNetwork> {
  const proxy = startChild<ProxyCalls>("the network proxy", new URL("proxy-process.js", import.meta.url));
  let links = 0;
  try {
    await Promise.race([proxy.call("open", { conditions, seed }), proxy.ended]);
    await prefer(proxy.pid);
  } catch (error) {
    await proxy.kill();
    throw error;
  }
  return {
    sides: undefined,
    emulator: proxy,
    async reach(server, clients) {
      const targets = Array.from({ length: clients }, (_, i) => targetOf(server[i % server.length]!));
      const first = links;
      links += clients;
      const ports = await proxy.call("listen", { first, targets });
      // The name of the server stays, so that requests have the same bytes as without a proxy.
      return ports.map((port, i) => {
        const own = server[i % server.length]!;
        return { ...own, host: "127.0.0.1", port, authority: own.authority ?? authority(own) };
      });
    },
    state: async () => ({ ...(await proxy.call("state", undefined)), overrun: 0 }),
    close: () => proxy.kill(),
  };
}

/** Where a proxied connection leads. Throws where the server is none of TCP. */
function targetOf({ host, port, protocol }: Address): { host: string; port: number } {
  if (protocol === "udp")
    throw new Error(
      "its server does not listen on TCP, and the network is made by a TCP proxy: see what --network-by tun needs",
    );
  return { host, port };
}
