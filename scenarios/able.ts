import { UserError } from "./errors.ts";
import type { Transport } from "./contract.ts";
import type { Settings } from "./settings.ts";
import { transportLabel, transports } from "./transports.ts";

/** Refuses, with a UserError that says why and what to do, a trial that a transport cannot take part in on this machine. */
export async function checkAble(
  name: string,
  transport: Transport,
  { payloadBytes, payloadKind, app }: Pick<Settings, "payloadBytes" | "payloadKind" | "app">,
): Promise<void> {
  const label = transportLabel(name);
  const reason = await transport.unavailable?.();
  if (reason !== undefined) throw new UserError(`${label} is unavailable: ${reason}`);
  const { maxPayloadBytes = Infinity, binary = true, apps = [app] } = transport.promises;
  if (payloadBytes > maxPayloadBytes)
    throw new UserError(
      `${label} carries at most ${maxPayloadBytes} bytes in a message, not --payload-bytes ${payloadBytes}: ` +
        `make it smaller, or leave ${label} out.`,
    );
  if (payloadKind === "binary" && !binary)
    throw new UserError(`${label} carries text only, and this scenario sends binary: leave ${label} out.`);
  if (!apps.includes(app))
    throw new UserError(
      `The server of ${label} is another program, which hosts ${apps.join(", ")}, and this scenario needs ${app}: leave ${label} out.`,
    );
}

/** Why transports of the list cannot run here, by name; those that can are left out. */
export async function unavailableHere(): Promise<ReadonlyMap<string, string>> {
  const all = Object.entries<Transport>(transports).map(async ([name, transport]) => {
    const reason = await transport.unavailable?.();
    return reason === undefined ? [] : [[name, reason] as const];
  });
  return new Map((await Promise.all(all)).flat());
}
