import { errorMessage, UserError } from "../lib/errors.ts";
import { transportLabel } from "../transports/load-transport.ts";
import type { Transport } from "../transports/transport.ts";

/** Loads both halves. Throws a UserError if a half cannot be loaded or its default export is not a function. */
export async function loadHalves(name: string, transport: Transport): Promise<void> {
  const label = transportLabel(name);
  for (const half of ["server", "client"] as const) {
    const module = await transport[half]().catch((cause: unknown) => {
      throw new UserError(`The ${half} half of ${label} cannot be loaded: ${errorMessage(cause)}`, { cause });
    });
    const found: unknown = module?.default;
    if (typeof found !== "function")
      throw new UserError(
        `The ${half} half of ${label} must export a function as its default; ` +
          `its default export is ${found === undefined ? "missing" : `of type ${typeof found}`}.`,
      );
  }
}
