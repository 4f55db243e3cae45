import { authority, reachableAddress } from "../lib/addresses.ts";
import type { Address } from "../contract.ts";
import type { ManualClients, Transport } from "./transport.ts";

/** What to fill the lines of a transport's `join` in with. */
export function fillPlaceholders(line: string, address: Address): string {
  const { host, port } = address;
  return line
    .replaceAll("{host}", host)
    .replaceAll("{port}", String(port))
    .replaceAll("{authority}", authority(address));
}

/** What a line becomes where the server speaks TLS: its certificate is signed by nobody else, and who joins is told not to mind. */
const secured: readonly [plain: RegExp, secure: string][] = [
  [/\bio\("http:\/\/\{authority\}"\)/, 'io("http://{authority}", { rejectUnauthorized: false })'],
  [/\bio\("http:\/\/\{authority\}", \{/, "$& rejectUnauthorized: false,"],
  [/^node -e (?!.*createInsecure)/, "NODE_TLS_REJECT_UNAUTHORIZED=0 $&"],
  [/\bcurl -s\b/, "curl -sk"],
  [/^nc .*/, "openssl s_client -quiet -connect {authority}"],
];

/** The same line over TLS; undefined where its program would have to be given the certificate. */
function overTls(line: string): string | undefined {
  const [plain, secure] = secured.find(([each]) => each.test(line)) ?? [];
  if (!plain) return undefined;
  return line
    .replace(plain, secure!)
    .replace("http://", "https://")
    .replace("ws://", "wss://")
    .replace("-prior-knowledge", "");
}

/** How a transport is joined by hand, with the places for the address: of one over TLS what can be had without its certificate. */
export function manualClientsOf({ manualClients = {}, options }: Transport): ManualClients {
  if (!options.tls) return manualClients;
  const talk = manualClients.commands?.map(overTls).filter((line) => line !== undefined) ?? [];
  const steps = Object.entries(manualClients.shell ?? {}).map(([step, line]) => [step, overTls(line)]);
  const whole = steps.length > 0 && steps.every(([, line]) => line !== undefined);
  return { commands: talk, ...(whole && { shell: Object.fromEntries(steps) as NonNullable<ManualClients["shell"]> }) };
}

/** How people and benches join a server: the exact lines to type, under a heading each. */
export function joinInstructions(name: string, transport: Transport, address: Address, driver: string): string {
  const there = reachableAddress(address);
  const { commands, shell, browser } = manualClientsOf(transport);
  const block = (heading: string, lines: readonly string[] = []): string =>
    lines.length > 0 ? `${heading}\n${lines.map((line) => `  ${fillPlaceholders(line, there)}`).join("\n")}\n` : "";
  // The bench's clients take no address of IPv6.
  const bench = there.host.includes(":")
    ? []
    : [`npm run bench -- --target {authority} --transports ${name} --scenario ${driver}`];
  const byHand = [
    block("Join from this folder, then type:", commands),
    block("Join from a shell, line by line:", shell && Object.values(shell)),
    block("Join from the console of a browser, line by line:", browser),
  ].filter((lines) => lines !== "");
  if (byHand.length === 0) byHand.push(`No common tool speaks ${name}.\n`);
  return [...byHand, block("Drive it:", bench)].join("\n");
}
