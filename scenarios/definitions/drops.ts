import { UserError } from "../lib/errors.ts";

/**
 * The share of clients that may be refused or dropped, 0 to 1: `fail` is 0, `count` is 1, `5%` is 0.05. Throws a
 * UserError for any other text.
 */
export function parseDrops(name: string, text: string): number {
  if (text === "fail") return 0;
  if (text === "count") return 1;
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (percent !== undefined && Number(percent) <= 100) return Number(percent) / 100;
  throw new UserError(
    `${name} "${text}" does not say what lost connections mean: write fail, count, or how many clients may lose theirs, such as 5%.`,
  );
}

/** Room for the rounding of a share. */
const epsilon = 1e-9;

/**
 * Most clients of a trial that may be refused or dropped. Without a share: none of a server of ours, any of a `target`.
 */
export function mostGoneClients(
  { clients, dropsAllowed }: { clients: number; dropsAllowed?: number },
  target: object | undefined,
): number {
  return Math.floor(clients * (dropsAllowed ?? (target ? 1 : 0)) + epsilon);
}
