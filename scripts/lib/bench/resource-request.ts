import type { ResourceRequest } from "../../../scenarios/capacity/process-plan.ts";
import { loadTransport, transportLabel } from "../../../scenarios/transports/load-transport.ts";

/** A trial of a transport to plan processes for. Throws a UserError where the transport cannot be loaded. */
export async function resourceRequest(
  name: string,
  settingsFor: ResourceRequest["settingsFor"],
  given: Pick<ResourceRequest, "workers" | "targeted"> = { workers: undefined },
): Promise<ResourceRequest> {
  return { label: transportLabel(name), transport: await loadTransport(name), settingsFor, ...given };
}
