import type { Options } from "../../../scenarios/contract.ts";
import { optionsFor, standardTransports } from "../../../scenarios/transports/load-transport.ts";
import type { Transport } from "../../../scenarios/transports/transport.ts";
import { transports } from "../../../scenarios/transports.ts";
import { bulletList, markdownTable } from "./markdown.ts";

const all = Object.entries<Transport>(transports);
const listed = (name: string): Transport => (transports as Record<string, Transport>)[name]!;
const resolved = (name: string): Options => optionsFor(listed(name), {});
const seconds = (ms: number): string => `${ms / 1000} s`;
const names = (entries: readonly [string, Transport][]): string => entries.map(([name]) => `\`${name}\``).join(", ");

type IdlePeriodOption = NonNullable<Transport["idlePeriodOption"]>;
const idlePeriodOption = (name: string): IdlePeriodOption => listed(name).idlePeriodOption ?? "heartbeatMs";
const isPolling = (name: string): boolean => ["pollIntervalMs", "holdMs"].includes(idlePeriodOption(name));

const idleTraffic: Record<IdlePeriodOption, string> = {
  pollIntervalMs: "an empty poll",
  holdMs: "a new poll",
  heartbeatMs: "a heartbeat",
  none: "nothing but the kernel's keep-alive",
};

function idlePeriod(name: string): string {
  const option = idlePeriodOption(name);
  return option === "none" ? "-" : seconds(resolved(name)[option]);
}

/** Every setting that matters for fairness, as the code resolves it for a transport. */
const settings: Record<string, (name: string) => string> = {
  "client library": (name) => `\`${listed(name).clientLibrary}\``,
  "connections per client": (name) => String(listed(name).socketsPerClient),
  TCP_NODELAY: () => "both ends",
  compression: () => "none",
  TLS: (name) => (listed(name).noTlsReason === undefined ? "none, or 1.3 with `+tls`" : "none"),
  "text travels as": (name) => listed(name).encodings.text,
  "binary travels as": (name) => listed(name).encodings.binary,
  "idle traffic": (name) => idleTraffic[idlePeriodOption(name)],
  "idle traffic every": idlePeriod,
  "handshake or request timeout": (name) => seconds(resolved(name).handshakeMs),
  "a silent poller is dropped after": (name) => (isPolling(name) ? seconds(resolved(name).idleMs) : "-"),
  "largest payload": (name) => `${resolved(name).maxPayloadBytes / 2 ** 20} MiB`,
  "queue limit per client": (name) => `${resolved(name).queueBytes / 2 ** 20} MiB`,
  "extra request headers": (name) => (isPolling(name) ? `${resolved(name).extraHeaderBytes} B` : "-"),
};

/** The fairness settings of the transports that are measured by default. */
export function settingsText(): string {
  const shown = standardTransports();
  return markdownTable(
    ["setting", ...shown],
    Object.entries(settings).map(([setting, valueOf]) => [setting, ...shown.map((name) => valueOf(name))]),
  );
}

/** The names of the transports that are no variants: those measured by default, and the others. */
export function transportNamesText(): string {
  const standard = standardTransports();
  const others = all.filter(([name, { variantOf }]) => variantOf === undefined && !standard.includes(name));
  return bulletList([
    `Measured by default: ${names(all.filter(([name]) => standard.includes(name)))}.`,
    `Measured where \`--transports\` names them: ${names(others)}.`,
  ]);
}

/** Every transport with its title, client library and connections, each above its variants. */
export function transportsText(): string {
  const line = ([name, { title, clientLibrary, socketsPerClient }]: [string, Transport]): string =>
    `\`${name}\`: ${title}. Client: \`${clientLibrary}\`, ${socketsPerClient} ${socketsPerClient === 1 ? "connection" : "connections"}.`;
  return bulletList(
    all
      .filter(([, { variantOf }]) => variantOf === undefined)
      .map((entry) => ({
        text: line(entry),
        items: all.filter(([, { variantOf }]) => variantOf === entry[0]).map(line),
      })),
  );
}
