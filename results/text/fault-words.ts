import { countOf } from "./lists.ts";

/** The noun of each kind of fault, with its length and the clients that it meets. */
const nouns: Record<string, (length: string, clients: string) => string> = {
  cut: (_, clients) => `cut of ${clients}`,
  gone: (length, clients) => `${length} without a network for ${clients}`,
  "half-open": (length, clients) => `${length} in which nothing reaches ${clients}`,
  asleep: (length, clients) => `${length} of sleep of ${clients}`,
  restart: () => "restart of the servers",
  reload: () => "reload of the proxy",
  "restart-hard": () => "kill and restart of the servers",
};

/**
 * A fault in words, such as `cut of 50 clients` for `cut:50%@5s`. The column `fault` itself where its kind is not known.
 */
export function faultWords(fault: string, clients: number | undefined): string {
  const [, kind, parts = "", every] = /^([\w-]+)((?::[\d.]+(?:s|%))*)(?:\/([\d.]+)s)?@[\d.]+s$/.exec(fault) ?? [];
  const noun = Object.hasOwn(nouns, kind ?? "") ? nouns[kind!]! : undefined;
  if (!noun) return fault;
  const share = /:([\d.]+)%/.exec(parts)?.[1] ?? "100";
  const met =
    clients === undefined
      ? `${share} % of the clients`
      : countOf(Math.round((Number(share) / 100) * clients), "client");
  const words = noun(`${/:([\d.]+)s/.exec(parts)?.[1] ?? "-"} s`, met);
  return every === undefined ? words : `${words}, each once in ${every} s`;
}
