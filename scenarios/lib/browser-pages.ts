/**
 * Links that one page of Chromium has at most. It opens 255 WebSockets, and 6 connections per host for requests: with 4
 * clients that each hold a poll or a stream, 2 are left for what they send.
 */
export const linksPerPage = { webSocket: 200, requests: 4 };

/** Pages that one Chromium has at most. */
export const pagesPerProcess = 25;

/** Pages on one core: with 20 pages on 2 cores, and 100 deliveries a second, Chromium used a tenth of a core. */
const pagesPerCore = 12.5;

/** Pages that a machine has at most for all clients of a trial. */
export function pagesOn(cores: number): number {
  return Math.max(1, Math.floor(pagesPerCore * cores));
}

/**
 * Pages of a process with so many of all clients: its share of the pages of the machine, at least as many as its clients
 * need, and not more than it has clients.
 */
export function pagesOfProcess(clients: number, allClients: number, links: number, cores: number): number {
  const share = Math.floor((pagesOn(cores) * clients) / allClients);
  return Math.min(pagesPerProcess, clients, Math.max(share, Math.ceil(clients / links)));
}
