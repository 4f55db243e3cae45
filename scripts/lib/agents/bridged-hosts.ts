import { spawnSync } from "node:child_process";
import { openTimeNamespace } from "../../validation/time-namespace.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import type { ProofHosts } from "./proofs.ts";
import type { StageHost } from "./stage.ts";

/** Seconds that the monotonic clock of each agent shows more than that of this machine. */
const clockOffsetsS = [12_345, -777, 86_400];

/** Network namespaces on a bridge: four hosts that reach each other by addresses of their own, and nobody else. */
export interface BridgedHosts extends ProofHosts {
  /** Where broker and bench are. */
  hub: StageHost;
  remove(): void;
}

/**
 * Makes the hosts (Linux, root, iproute2). The bridge is in the namespace of the hub, so the network of this machine is not
 * touched. Throws a UserError where that is not possible.
 */
export async function makeBridgedHosts(): Promise<BridgedHosts> {
  const namespace = (host: string): string => `tb${process.pid}-${host}`;
  const address = (number: number): string => `10.77.0.${number}`;
  const made: string[] = [];
  const closing: (() => void)[] = [];
  const remove = (): void => {
    for (const close of closing) close();
    for (const name of made) spawnSync("ip", ["netns", "delete", name]);
  };
  const inside = (host: string, ...words: string[]): void => ip("-n", namespace(host), ...words);
  const add = (host: string): void => {
    ip("netns", "add", namespace(host));
    made.push(namespace(host));
    inside(host, "link", "set", "lo", "up");
  };
  const hostOf = (host: string, number: number): StageHost => ({
    address: address(number),
    prefix: ["ip", "netns", "exec", namespace(host)],
  });
  try {
    add("hub");
    inside("hub", "link", "add", "bridge", "type", "bridge");
    inside("hub", "address", "add", `${address(1)}/24`, "dev", "bridge");
    inside("hub", "link", "set", "bridge", "up");
    const agents = ["b1", "b2", "b3"].map((host, i) => {
      add(host);
      inside("hub", "link", "add", host, "type", "veth", "peer", "name", "eth", "netns", namespace(host));
      inside("hub", "link", "set", host, "master", "bridge", "up");
      inside(host, "address", "add", `${address(11 + i)}/24`, "dev", "eth");
      inside(host, "link", "set", "eth", "up");
      return hostOf(host, 11 + i);
    });
    // Each agent has a monotonic clock of its own, where the system has time namespaces.
    const [server, ...clients] = await Promise.all(
      agents.map(async (agent, i) => {
        const time = await openTimeNamespace(clockOffsetsS[i]!).catch(() => undefined);
        if (time) closing.push(time.close);
        return { ...agent, prefix: [...agent.prefix, ...(time?.execPrefix ?? [])] };
      }),
    );
    return { hub: hostOf("hub", 1), server: server!, clients: [clients[0]!, clients[1]!], remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function ip(...words: string[]): void {
  const { status, stderr, error } = spawnSync("ip", words, { encoding: "utf8" });
  if (status === 0) return;
  const reason = error ? "ip is not installed" : stderr.trim().split("\n")[0];
  throw new UserError(`Network namespaces cannot be made here (${reason}): run it on Linux as root, with iproute2.`);
}
