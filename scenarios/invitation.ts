import { authority, reachable } from "./addresses.ts";
import type { Address, Transport } from "./contract.ts";

/** What to fill the lines of a transport's `join` in with. */
export function filled(line: string, address: Address): string {
  const { host, port } = address;
  return line
    .replaceAll("{host}", host)
    .replaceAll("{port}", String(port))
    .replaceAll("{authority}", authority(address));
}

/** How people and benches join a server: the exact lines to type, under a heading each. */
export function invitation(name: string, { join }: Transport, address: Address, driver: string): string {
  const there = reachable(address);
  const block = (heading: string, lines: readonly string[] = []): string =>
    lines.length > 0 ? `${heading}\n${lines.map((line) => `  ${filled(line, there)}`).join("\n")}\n` : "";
  const bench = `npm run bench -- --target {authority} --transports ${name} --scenario ${driver}`;
  const byHand = [
    block("Join from this folder, then type:", join?.talk),
    block("Join from a shell, line by line:", join?.steps && Object.values(join.steps)),
    block("Join from the console of a browser, line by line:", join?.browser),
  ].filter((lines) => lines !== "");
  if (byHand.length === 0) byHand.push(`No common tool speaks ${name}.\n`);
  return [...byHand, block("Drive it:", [bench])].join("\n");
}
