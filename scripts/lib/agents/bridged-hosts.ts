import { spawnSync } from "node:child_process";
import { openTimeNamespace } from "../../validation/time-namespace.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { clockEnvironment, nowUs } from "../../../scenarios/lib/clock.ts";
import type { ProofHosts, StageHost } from "./stage.ts";

/**
 * What the clock of each agent shows more than that of this machine: whole seconds by a time namespace, the rest and the
 * drift by the environment of its processes.
 */
const clocks = [
  { seconds: 12_345, offsetUs: 0, ppm: 0 },
  { seconds: -777, offsetUs: -123, ppm: 0 },
  { seconds: 86_400, offsetUs: 250_000, ppm: 50 },
];

/** Network namespaces on a bridge: four hosts that reach each other by addresses of their own, and nobody else. */
export interface BridgedHosts extends ProofHosts {
  /** Where broker and bench are. */
  hub: StageHost;
  /** The same hosts with the clock of this machine, which need not be compared. */
  oneClock: ProofHosts;
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
    const ofOwnClock = await Promise.all(
      agents.map(async (agent, i): Promise<StageHost> => {
        const { seconds, offsetUs, ppm } = clocks[i]!;
        // No clock of a namespace can be before 0, so a machine that has just started has no -777 s.
        const time = await openTimeNamespace(seconds).catch(() => undefined);
        if (time) closing.push(time.close);
        const [byNamespaceUs, byLineUs] = time ? [1e6 * seconds, 0] : [0, 1e6 * seconds];
        const line = { offsetUs: offsetUs + byLineUs, ppm, atUs: nowUs() + byNamespaceUs };
        return {
          ...agent,
          prefix: [...agent.prefix, ...(time?.execPrefix ?? [])],
          env: clockEnvironment(line),
          machineUs: (ownUs) => line.atUs + (ownUs - line.offsetUs - line.atUs) / (1 + ppm / 1e6) - byNamespaceUs,
        };
      }),
    );
    return { hub: hostOf("hub", 1), ...proofHosts(ofOwnClock), oneClock: proofHosts(agents), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function proofHosts([server, ...clients]: readonly StageHost[]): ProofHosts {
  return { server: server!, clients: [clients[0]!, clients[1]!] };
}

function ip(...words: string[]): void {
  const { status, stderr, error } = spawnSync("ip", words, { encoding: "utf8" });
  if (status === 0) return;
  const reason = error ? "ip is not installed" : stderr.trim().split("\n")[0];
  throw new UserError(`Network namespaces cannot be made here (${reason}): run it on Linux as root, with iproute2.`);
}
