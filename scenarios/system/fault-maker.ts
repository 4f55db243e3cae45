import { cutCommand, silenceCommands, type AffectedLinks, type SilentWays } from "./fault-commands.ts";
import type { NetworkNamespace } from "./network-namespace.ts";
import { openShell } from "./shell.ts";

/** Makes faults in the network of a trial. What it has changed ends with the namespaces of the trial. */
export interface FaultMaker {
  /** Resets the connections of these clients, or of all affected ones. */
  cut(clients?: readonly number[]): Promise<void>;
  /** Drops packets of the affected clients from now on. */
  silence(ways: SilentWays): Promise<void>;
  /** Ends that. */
  restore(ways: SilentWays): Promise<void>;
  close(): void;
}

/**
 * A fault maker with a shell in the namespace of each side, so that nothing has to be started when a fault is due.
 * Without namespaces it resets connections on this machine, which only root may do.
 */
export function openFaultMaker(
  sides: { servers: NetworkNamespace; clients: NetworkNamespace } | undefined,
  links: AffectedLinks,
): FaultMaker {
  const [servers, clients] = [openShell(sides?.servers), openShell(sides?.clients)];
  const apply = async (ways: SilentWays, verb: "add" | "del"): Promise<void> => {
    const commands = silenceCommands(links, ways, verb);
    await Promise.all([servers.run(commands.servers), clients.run(commands.clients)]);
  };
  return {
    cut: (victims) => clients.run(cutCommand(links, victims)),
    silence: (ways) => apply(ways, "add"),
    restore: (ways) => apply(ways, "del"),
    close() {
      servers.close();
      clients.close();
    },
  };
}
