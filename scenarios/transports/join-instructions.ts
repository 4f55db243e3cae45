import type { Address } from "../contract.ts";
import { authority, reachableAddress } from "../lib/addresses.ts";
import type { ManualClients, Transport } from "./transport.ts";

/** A line of `ManualClients` with the address in place of its placeholders. */
export function fillPlaceholders(line: string, address: Address): string {
  const { host, port } = address;
  return line
    .replaceAll("{host}", host)
    .replaceAll("{port}", String(port))
    .replaceAll("{authority}", authority(address));
}

/** Manual clients of a transport, in clear text or over TLS as its options say. Empty if no common tool can join. */
export function manualClientsOf({ manualClients = {}, options }: Transport): ManualClients {
  return options.tls ? (manualClients.overTls ?? {}) : manualClients;
}

/** Exact lines to type to join a server by hand or with the bench, each group under a heading. */
export function joinInstructions(name: string, transport: Transport, address: Address, scenario: string): string {
  const reachable = reachableAddress(address);
  const { commands, shell, browser } = manualClientsOf(transport);
  const block = (heading: string, lines: readonly string[] = []): string =>
    lines.length > 0 ? `${heading}\n${lines.map((line) => `  ${fillPlaceholders(line, reachable)}`).join("\n")}\n` : "";
  // The bench's clients do not take IPv6 addresses.
  const bench = reachable.host.includes(":")
    ? []
    : [`npm run bench -- --target {authority} --transports ${name} --scenario ${scenario}`];
  const manual = [
    block("Join from this folder, then type:", commands),
    block("Join from a shell, line by line:", shell && Object.values(shell)),
    block("Join from the console of a browser, line by line:", browser),
  ].filter((text) => text !== "");
  if (manual.length === 0) manual.push(`No common tool can join ${name}.\n`);
  return [...manual, block("Measure it:", bench)].join("\n");
}
