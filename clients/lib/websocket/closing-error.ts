import { oneLine } from "../../../scenarios/lib/errors.ts";

/** Codes that give no reason: a normal closure, and a close frame without a code (RFC 6455, section 7.4.1). */
const normal: ReadonlySet<number> = new Set([1000, 1005]);

/** Why a server closed a WebSocket, from its close frame. Undefined for a normal closure. */
export function closingError(code: number, reason: Buffer): Error | undefined {
  if (normal.has(code)) return undefined;
  const text = oneLine(reason.toString());
  return new Error(`the server closed the connection with code ${code}${text && `: ${text}`}`);
}
