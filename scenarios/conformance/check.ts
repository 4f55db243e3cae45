import type { Guarantees, Transport } from "../transports/transport.ts";
import { loadTransport } from "../transports/load-transport.ts";
import { Kit } from "./test-kit.ts";

/** One requirement of the contract, and the code that tests it. */
export interface Check {
  /** Kebab-case, unique in the suite. Programs identify a check by its id. */
  id: string;
  /** The requirement as a sentence for people, without its subject: "the transport ...". */
  description: string;
  /** True if a transport with these guarantees must pass the check. Default: every transport must. */
  appliesTo?(guarantees: Guarantees, transport: Pick<Transport, "overTcp" | "clientsPerPage">): boolean;
  /** Rejects if the transport fails; rejects with `CheckSkipped` if the requirement cannot be tested here. */
  run(kit: Kit): Promise<void>;
}

/** Thrown by a check that cannot run. The message is the reason. */
export class CheckSkipped extends Error {}

/** Runs one check against a transport, named as on the list or by the path of its module. */
export async function runCheck(transport: string, check: Check): Promise<void> {
  const kit = new Kit(transport, await loadTransport(transport));
  try {
    await check.run(kit);
  } finally {
    await kit.tidy();
  }
}
