import type { Inbox, Link } from "./contract.ts";
import { messageOf } from "./errors.ts";

/** Who is told how a visit goes. */
export interface Course {
  /** The link is ready: the message is to be sent. */
  ready(link: Link): void;
  /** A message has come: with the first the visit has what it came for. */
  heard(payload: Buffer, text: boolean): void;
  /** The visit is over. What went wrong, if anything did, is one sentence; without an answer something did. */
  over(trouble: string | undefined): void;
}

/** A visit that is going on. */
export interface Visit {
  /** Ends it without an answer, for this reason, unless it has one. */
  giveUp(reason: string): void;
}

/** Connects, has `course` say its message, waits for the answer for `patienceMs` at most, says goodbye and waits for the link's end. */
export function visit(connect: (inbox: Inbox) => Promise<Link>, course: Course, patienceMs: number): Visit {
  let link: Link | undefined;
  let answered = false;
  let trouble: string | undefined;
  let over = false;
  let patience: NodeJS.Timeout | undefined;

  function finish(): void {
    if (over) return;
    over = true;
    clearTimeout(patience);
    course.over(trouble);
  }

  function giveUp(reason: string): void {
    if (answered) return;
    trouble ??= reason;
    link?.close();
  }

  function receive(payload: Buffer, text: boolean): void {
    course.heard(payload, text);
    if (answered || trouble !== undefined) return;
    answered = true;
    clearTimeout(patience);
    link?.close();
  }

  function closed(error?: Error): void {
    if (answered && error) trouble = `the goodbye failed: ${error.message}`;
    if (!answered) trouble ??= error?.message ?? "the server closed the link";
    finish();
  }

  function opened(ready: Link): void {
    link = ready;
    if (over) return;
    if (trouble !== undefined) return ready.close();
    patience = setTimeout(() => giveUp(`no answer in ${patienceMs} ms`), patienceMs);
    course.ready(ready);
  }

  connect({ receive, closed }).then(opened, (error: unknown) => {
    trouble ??= messageOf(error);
    finish();
  });
  return { giveUp };
}
