import type { Inbox, Link } from "../contract.ts";
import { insist } from "../lib/retry.ts";
import { visit } from "./session.ts";

/** Somebody who tries a server out before a load of visits: what fails for a scout fails the trial. */
export interface Scout {
  /** Connects. Rejects where that fails. */
  connect(): Promise<void>;
  /** Says something, waits for the answer, says goodbye and waits for the link's end. Rejects where anything of it fails. */
  talk(): Promise<void>;
}

const hello = Buffer.from("hello");

/** A scout that waits for `patienceMs` at most and says again after `againMs` what may have got lost; Infinity says it once. */
export function openScout(
  connect: (inbox: Inbox) => Promise<Link>,
  { patienceMs, againMs }: { patienceMs: number; againMs: number },
): Scout {
  const asking = insist((link: Link) => link.send(hello, true), againMs);
  let link: Link | undefined;
  let answer: Buffer | undefined;
  let connected = (): void => undefined;
  let over = (_trouble?: string): void => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    over = (trouble) => (trouble === undefined ? resolve() : reject(new Error(`the first visitor: ${trouble}`)));
  });

  function judge(): void {
    asking.stop();
    if (answer?.equals(hello)) over();
    else over(`said "${hello.toString()}" and was answered "${answer?.toString()}"`);
  }

  return {
    connect() {
      const ready = new Promise<void>((resolve) => (connected = resolve));
      const course = {
        ready(opened: Link) {
          link = opened;
          connected();
        },
        heard: (payload: Buffer) => void (answer ??= Buffer.from(payload)),
        failed: (reason: string) => over(reason),
        over: judge,
      };
      visit(connect, course, patienceMs);
      return Promise.race([ready, ended]);
    },
    talk() {
      asking.ask(link!);
      return ended;
    },
  };
}
