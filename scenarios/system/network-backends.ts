import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { UserError } from "../lib/errors.ts";
import { networkBackends, type NetworkBackend, type NetworkConditions } from "../lib/network-conditions.ts";
import { openNamespace } from "./network-namespace.ts";
import { congestionControls, usualCongestionControl } from "./procfs.ts";
import { tunUnavailable } from "./tun-device.ts";

const run = promisify(execFile);

/** Why a means cannot make such a network here, as a clause; undefined if it can. */
type Problem = (conditions: NetworkConditions) => Promise<string | undefined>;

const noNamespaces =
  "this system allows this user no network namespaces (sysctl kernel.unprivileged_userns_clone and " +
  "kernel.apparmor_restrict_unprivileged_userns, or run as root)";

const problems: Record<NetworkBackend, Problem> = {
  async netem() {
    const trial = "ip link add v0 type veth peer name v1 && tc qdisc add dev v0 root netem delay 1ms rate 1gbit";
    return run("unshare", ["--map-root-user", "--net", "sh", "-c", trial]).then(
      () => undefined,
      () => "this kernel has no netem for this user (as root: modprobe sch_netem; needs unshare, ip and tc)",
    );
  },
  async tun() {
    return (await tunUnavailable()) ?? (await namespacesUnavailable());
  },
  async proxy({ lossShare, congestionControl }) {
    if (lossShare > 0) return "it passes byte streams, which cannot lose a packet (leave loss out)";
    const usual = usualCongestionControl();
    return congestionControl === usual
      ? undefined
      : `it cannot set a congestion control (leave cc out, or cc=${usual})`;
  },
};

/** Why this user can have no network namespaces here, as a clause; undefined where that is possible. */
export async function namespacesUnavailable(): Promise<string | undefined> {
  const namespace = await openNamespace();
  namespace?.close();
  return namespace === undefined ? noNamespaces : undefined;
}

/**
 * The means for a network: the one that was asked for, or else the first that can make it. Throws a UserError with the
 * reason of each that cannot.
 */
export async function chooseBackend(
  conditions: NetworkConditions,
  asked: NetworkBackend | undefined,
): Promise<NetworkBackend> {
  const known = congestionControls();
  const { congestionControl } = conditions;
  if (known.length > 0 && !known.includes(congestionControl))
    throw new UserError(`This kernel has no congestion control ${congestionControl}: it has ${known.join(", ")}.`);
  const found: string[] = [];
  for (const each of asked ? [asked] : networkBackends) {
    const problem = await problems[each](conditions);
    if (problem === undefined) return each;
    found.push(`${each}: ${problem}`);
  }
  throw new UserError(`Nothing here can make this network: ${found.join("; ")}.`);
}
