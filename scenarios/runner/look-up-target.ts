import { lookup } from "node:dns/promises";
import { BlockList, isIP, isIPv6 } from "node:net";
import type { Target } from "../definitions/target.ts";
import { errorMessage, UserError } from "../lib/errors.ts";

/** Networks that only this machine or its site can reach (RFC 1918, 3927, 4193, 4291, 6598). */
const privateNetworks = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  privateNetworks.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  privateNetworks.addSubnet(network, prefix, "ipv6");

/** True if an IP address can be reached from anywhere. */
export function isPublic(ip: string): boolean {
  return ip !== "0.0.0.0" && ip !== "::" && !privateNetworks.check(ip, isIPv6(ip) ? "ipv6" : "ipv4");
}

/**
 * A target with every address that its name has, each from every address of this machine that clients connect from.
 * Throws a UserError where the name has none.
 */
export async function lookUpTarget(target: Target): Promise<Target> {
  const { hostname, from = [], addresses } = target;
  const [address] = addresses;
  if (address!.socketPath !== undefined) return target;
  const hosts = hostname === undefined ? [...new Set(addresses.map(({ host }) => host))] : await ipsOf(hostname);
  const places = hosts.flatMap((host) =>
    from.length > 0 ? from.map((localAddress) => ({ ...address!, host, localAddress })) : [{ ...address!, host }],
  );
  return { ...target, addresses: places };
}

async function ipsOf(hostname: string): Promise<string[]> {
  try {
    const found = await lookup(hostname, { all: true, order: "ipv4first" });
    const sorted = found.map(({ address }) => address);
    // A host without IPv6 fails at each of its addresses, so they are used only where there is no other.
    const ipv4 = sorted.filter((each) => isIP(each) === 4);
    return ipv4.length > 0 ? ipv4 : sorted;
  } catch (error) {
    throw new UserError(
      `The name ${hostname} cannot be looked up (${errorMessage(error)}): check the name, or give an IP address.`,
    );
  }
}
