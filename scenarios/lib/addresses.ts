import { networkInterfaces } from "node:os";
import type { Address } from "../contract.ts";
import { UserError } from "./errors.ts";

/** Protocol that a URL names, with or without TLS. */
export type UrlProtocol = "ws" | "http" | "tcp" | "udp" | "mqtt" | "grpc";

/** Addresses that stand for every address of a host. */
const wildcards = new Set(["0.0.0.0", "::"]);

/** HOST:PORT as in a URL: an IPv6 address is in brackets. The path of a Unix socket as it is. */
export function authority({ host, port, socketPath }: Pick<Address, "host" | "port" | "socketPath">): string {
  if (socketPath !== undefined) return socketPath;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True for a TCP or UDP address that this machine alone reaches, and for one that stands for every address. */
export function isLoopback({ host, socketPath }: Address): boolean {
  return socketPath === undefined && (wildcards.has(host) || /^(localhost|::1|(::ffff:)?127(\.\d+){3})$/i.test(host));
}

/** The place of a server as messages name it: the path of a Unix socket, or host and port. */
export function placeOf(address: Address): string {
  return address.socketPath ?? authority(address);
}

/**
 * An address at which other hosts reach a server. For a wildcard: the first IPv4 address of this host, or 127.0.0.1 if
 * it has no other.
 */
export function reachableAddress<A extends Address>(address: A): A {
  if (!wildcards.has(address.host)) return address;
  const external = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal);
  return { ...address, host: external?.address ?? "127.0.0.1" };
}

/** The address that HOST:PORT names. Throws a UserError for any other text. */
export function parseAddress(flag: string, text: string): Address {
  const [, host, digits] = /^([^\s:/[\]]+):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (host !== undefined && port > 0 && port < 65_536) return { host, port };
  throw new UserError(
    `${flag} "${text}" is not HOST:PORT: write a name or an IPv4 address and a port from 1 to 65,535, such as 127.0.0.1:18001.`,
  );
}
