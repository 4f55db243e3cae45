import { errorMessage, UserError } from "../lib/errors.ts";
import type { Transport } from "../transports/transport.ts";
import { transportLabel } from "../transports/load-transport.ts";

/** Loads both halves; throws a UserError where one cannot be loaded, or its default export is no function. */
export async function loadHalves(name: string, transport: Transport): Promise<void> {
  const label = transportLabel(name);
  for (const half of ["server", "client"] as const) {
    const module = await transport[half]().catch((cause: unknown) => {
      throw new UserError(`The ${half} half of ${label} cannot be loaded: ${errorMessage(cause)}`, { cause });
    });
    const found: unknown = module?.default;
    if (typeof found !== "function")
      throw new UserError(
        `The ${half} half of ${label} is not a half: its default export is ${found === undefined ? "missing" : typeof found}, not a function.`,
      );
  }
}
