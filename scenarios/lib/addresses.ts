import { networkInterfaces } from "node:os";
import type { Address } from "../contract.ts";
import { UserError } from "./errors.ts";

/** Where a server listens that takes clients of any address of its host. */
const everywhere = new Set(["0.0.0.0", "::"]);

/** HOST:PORT as it stands in a URL: an IPv6 address in brackets. */
export function authority({ host, port }: Pick<Address, "host" | "port">): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** An address at which others can reach who listens there: where that is everywhere, this host's first one, or the loopback's. */
export function reachableAddress<A extends Address>(address: A): A {
  if (!everywhere.has(address.host)) return address;
  const outside = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal);
  return { ...address, host: outside?.address ?? "127.0.0.1" };
}

/** The address that HOST:PORT names; a UserError where it names none, or one of IPv6, which not every client takes. */
export function parseAddress(flag: string, given: string): Address {
  const [, host, digits] = /^([^\s:/[\]]+):(\d{1,5})$/.exec(given) ?? [];
  const port = Number(digits);
  if (host !== undefined && port > 0 && port < 65_536) return { host, port };
  throw new UserError(
    `${flag} "${given}" is not HOST:PORT: write a name or an IPv4 address and a port from 1 to 65,535, such as 127.0.0.1:18001.`,
  );
}
