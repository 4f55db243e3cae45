import type { Network } from "../../../scenarios/definitions/network.ts";
import type { Scenario } from "../../../scenarios/definitions/scenario.ts";
import type { BenchFlags } from "./options.ts";

/** The networks of a run, each with what makes it; undefined among them is the loopback. */
export async function planNetworks(
  { network, networkBy: by = "tun" }: BenchFlags,
  scenario: Scenario,
): Promise<(Network | undefined)[]> {
  const networks = network ?? scenario.networks ?? [undefined];
  return networks.map((each) => each && { ...each, by });
}
