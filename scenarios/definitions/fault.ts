import type { BackoffWindow } from "../lib/backoff.ts";
import { didYouMean, excerpt, UserError } from "../lib/errors.ts";
import { parseDuration } from "../lib/parse-units.ts";

/** What each kind of fault does, whether it lasts for a time, and whether it has clients of its own. */
export const faultKinds = {
  cut: { does: "resets the TCP connections of the affected clients", lasts: false, picksClients: true },
  gone: { does: "drops every packet from and to the affected clients", lasts: true, picksClients: true },
  "half-open": { does: "drops every packet from the servers to the affected clients", lasts: true, picksClients: true },
  asleep: { does: "drops these packets and stops the affected clients", lasts: true, picksClients: true },
  restart: { does: "closes every server as its protocol says and starts it again", lasts: false, picksClients: false },
  reload: {
    does: "lets the proxy of --through read its configuration again",
    lasts: false,
    picksClients: false,
  },
  "restart-hard": { does: "kills every server (SIGKILL) and starts it again", lasts: false, picksClients: false },
} as const;

/** Name of a kind of fault. */
export type FaultKind = keyof typeof faultKinds;

/** A fault of a trial: what happens to whom, and when. Plain JSON. */
export interface Fault {
  kind: FaultKind;
  /** Share of the clients, above 0 and up to 1. A restart and a reload meet all. */
  share: number;
  /** Time from T0 to its beginning. With `everyMs`: to the beginning of the first period. */
  atMs: number;
  /** Time from its beginning to its end; 0 for what is over at once. */
  forMs: number;
  /** It meets each affected client once in each period of this length, at a moment of its own. Default: once, all at a time. */
  everyMs?: number;
  /** The fault in the form in which rows of the same fault agree. */
  text: string;
}

/** Where nothing else is said: half of the clients, five seconds after T0. */
const usual = { share: 0.5, atMs: 5_000 };
/** Clients need some time between two cuts to be back. */
const leastEveryMs = 1_000;
const example = "cut:50%@5s, gone:5s:50%@5s or restart@5s";

/** The fault that a text names, such as `gone:5s:50%@5s`. Throws a UserError, one sentence, for any other text. */
export function parseFault(flag: string, text: string): Fault {
  const [, what, every, at] = /^([^/@]*)(?:\/([^/@]*))?(?:@([^/@]*))?$/.exec(text) ?? [];
  if (what === undefined) throw new UserError(`${flag} "${excerpt(text)}" is no fault: write it such as ${example}.`);
  const [name, ...parts] = what.split(":") as [string, ...string[]];
  const kind = kindNamed(flag, name);
  const shares = parts.filter((part) => part.endsWith("%"));
  const lengths = parts.filter((part) => !part.endsWith("%"));
  if (shares.length > 1 || lengths.length > 1)
    throw new UserError(
      `${flag} "${excerpt(text)}" has one share and one length at most: write it such as ${example}.`,
    );
  return describeFault(flag, {
    kind,
    share: shares[0] === undefined ? usualShare(kind) : readShare(flag, shares[0]),
    atMs: at === undefined ? usual.atMs : wholeMs(`${flag}: @`, at, { zero: true }),
    forMs: lengths[0] === undefined ? 0 : wholeMs(`${flag}: ${kind}:`, lengths[0]),
    ...(every !== undefined && { everyMs: wholeMs(`${flag}: /`, every) }),
  });
}

/** Whole milliseconds, so that 1005ms and 1.005s are the same fault. */
const wholeMs: typeof parseDuration = (flag, text, ...more) => Math.round(parseDuration(flag, excerpt(text), ...more));

function usualShare(kind: FaultKind): number {
  return faultKinds[kind].picksClients ? usual.share : 1;
}

function kindNamed(flag: string, name: string): FaultKind {
  if (Object.hasOwn(faultKinds, name)) return name as FaultKind;
  const shown = excerpt(name);
  throw new UserError(`${flag} "${shown}" is no kind of fault.${didYouMean(shown, Object.keys(faultKinds))}`);
}

/** A share, exact to 0.0001 %. */
function readShare(flag: string, text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const share = Math.round(Number(number) * 1e4) / 1e6;
  if (share > 0 && share <= 1) return share;
  throw new UserError(`${flag}: ${excerpt(text)} is not a share of clients above 0% and up to 100%.`);
}

/** Throws a UserError where the parts do not fit together. */
function describeFault(flag: string, fault: Omit<Fault, "text">): Fault {
  const { kind, share, forMs, everyMs } = fault;
  const { lasts, picksClients } = faultKinds[kind];
  if (lasts && forMs === 0) throw new UserError(`${flag}: ${kind} needs a length: write it such as ${kind}:5s:50%@5s.`);
  if (!lasts && forMs > 0) throw new UserError(`${flag}: ${kind} is over at once: leave the length out.`);
  if (!picksClients && share !== 1) throw new UserError(`${flag}: ${kind} meets every client: leave the share out.`);
  if (everyMs !== undefined && kind !== "cut")
    throw new UserError(`${flag}: only a cut comes again: write it such as cut:100%/15s@0s.`);
  if (everyMs !== undefined && everyMs < leastEveryMs)
    throw new UserError(`${flag}: a cut comes again after 1s at the earliest: write it such as cut:100%/15s@0s.`);
  if (kind === "asleep" && share === 1)
    throw new UserError(`${flag}: asleep stops its clients, so somebody else must send: give a share below 100%.`);
  return { ...fault, text: canonicalText(fault) };
}

/** The fault as one text: the same text for the same fault. */
function canonicalText({ kind, share, atMs, forMs, everyMs }: Omit<Fault, "text">): string {
  const parts = [
    kind,
    faultKinds[kind].lasts && `:${seconds(forMs)}`,
    faultKinds[kind].picksClients && `:${Number((100 * share).toPrecision(9))}%`,
    everyMs !== undefined && `/${seconds(everyMs)}`,
    `@${seconds(atMs)}`,
  ];
  return parts.filter((part) => typeof part === "string").join("");
}

const seconds = (ms: number): string => `${ms / 1000}s`;

/** The window that a text such as `1s..5s` names. Throws a UserError, one sentence, for any other text. */
export function parseReconnect(flag: string, text: string): BackoffWindow {
  const [least, most = least, ...more] = text.split("..");
  const [minMs, maxMs] = [least!, most!].map((each) => parseDuration(flag, excerpt(each), { zero: true })) as [
    number,
    number,
  ];
  if (more.length === 0 && minMs <= maxMs) return { minMs, maxMs };
  throw new UserError(
    `${flag} "${excerpt(text)}" is no time to wait: write the shortest and the longest, such as 1s..5s.`,
  );
}

/** The window as one text. */
export function reconnectText({ minMs, maxMs }: BackoffWindow): string {
  return `${seconds(minMs)}..${seconds(maxMs)}`;
}

/** True where the fault needs a link between clients and servers that can be silent. */
export function needsLink({ kind }: Fault): boolean {
  return faultKinds[kind].lasts;
}
