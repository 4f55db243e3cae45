/** The error of a client whose request was answered with another HTTP status than its protocol has. */
export class AnswerError extends Error {
  readonly status: number;
  /** True if an earlier request of the same session was accepted. Default: false. */
  readonly later: boolean;

  constructor(status: number, message: string, later = false) {
    super(message);
    this.status = status;
    this.later = later;
  }
}

/** Status codes with which servers answer a request of a session that they do not know. */
const unknownSession: ReadonlySet<number> = new Set([400, 404]);

/** True where a server did not know a session that had been opened. `later`: the failed request was not the first. */
export function isUnknownSession(error: unknown, later: boolean): boolean {
  return error instanceof AnswerError && (later || error.later) && unknownSession.has(error.status);
}
