/** A client that has no connection any more, or never had one. Plain data: it crosses a process border. */
export interface GoneClient {
  client: number;
  /** Refused: it was never let in. Dropped: its connection ended before its time. */
  how: "refused" | "dropped";
  /** Time at which it was refused or dropped, in microseconds on the host's clock. */
  atUs: number;
  /** What was answered, or why the connection ended. */
  reason: string;
  /** True if the server did not know a session that had been opened. */
  sessionUnknown: boolean;
  /** Time from the last message on the connection to its end, in microseconds. Undefined for a refused client. */
  silentUs: number | undefined;
}

/** A client, and the time from which on nothing is expected from it or at it. */
export type Absence = Pick<GoneClient, "client" | "atUs">;

/** The time from which on each of these clients is gone, by its number. */
export function absences(gone: readonly Absence[]): ReadonlyMap<number, number> {
  return new Map(gone.map(({ client, atUs }) => [client, atUs]));
}
