import type { Settings } from "../definitions/settings.ts";
import { pagesOn, pagesPerProcess } from "../lib/browser-pages.ts";
import type { Limits } from "../system/limits.ts";
import type { Transport } from "../transports/transport.ts";
import type { CapacityProblem } from "./capacity-problem.ts";

/** Deliveries a second to pages of a browser for which one core suffices, with that of everything else. */
const pageDeliveriesPerCoreS = 1_500;

/**
 * Rejects more clients or deliveries than pages of a browser can have: unlike a server, pages that are too slow make
 * nothing but wrong latencies.
 */
export function checkPages(
  { clients, ratePerS, app, rooms }: Settings,
  { clientsPerPage }: Transport,
  workers: number,
  { cores }: Limits,
): CapacityProblem | undefined {
  if (clientsPerPage === undefined) return undefined;
  const moreCores = "use a machine with more cores";
  const pages = Math.ceil(clients / clientsPerPage) + workers - 1; // the last page of a worker may have room
  const needs = `${pages} pages of Chromium`;
  const most = pagesOn(cores);
  if (pages > most) return { needs, limit: `${cores} cores have at most ${most}`, remedy: moreCores };
  const mostOfWorkers = workers * pagesPerProcess;
  if (pages > mostOfWorkers)
    return { needs, limit: `${workers} worker processes have at most ${mostOfWorkers}`, remedy: "more --workers" };
  const deliveriesPerS = Math.round(app === "chat" ? (ratePerS * clients) / rooms : ratePerS);
  const mostPerS = cores * pageDeliveriesPerCoreS;
  if (deliveriesPerS <= mostPerS) return undefined;
  return {
    needs: `${deliveriesPerS} deliveries a second in pages of Chromium`,
    limit: `${cores} cores make at most ${mostPerS}`,
    remedy: `a lower --rate, or ${moreCores}`,
  };
}
