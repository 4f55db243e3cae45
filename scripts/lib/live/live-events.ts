import type { ProgressView } from "../../../scenarios/runner/progress.ts";
import type { RatePoint } from "./rates.ts";

/** What a live page is told, one event after the other. */
export type LiveEvent =
  | {
      kind: "plan";
      run: string;
      scenario: string;
      /** Number of trials; missing where each trial follows from the one before. */
      trials?: number;
      /** Transports in the order of their colours. */
      transports: readonly string[];
    }
  /** A trial begins. `number` counts from 1; `note` says why there are no points, where there are none. */
  | { kind: "trial"; number: number; label: string; transport: string; note?: string }
  | ({ kind: "now"; trial: number } & Pick<
      ProgressView,
      "phase" | "clients" | "connected" | "deliveries" | "secondsLeft"
    >)
  | ({ kind: "rates"; trial: number } & RatePoint)
  | { kind: "latency"; trial: number; second: number; p50Ms: number; maxMs: number }
  /** What the row's timeline has, which replaces the latencies so far. */
  | { kind: "timeline"; trial: number; points: readonly TimelineValues[] }
  /** Markup of the rows so far. */
  | { kind: "rows"; html: string }
  /** The run has ended. `report` says if the report is at the address of the page now. */
  | { kind: "end"; how: "finished" | "interrupted"; report: boolean; command: string };

/** One second of a timeline. */
export interface TimelineValues {
  second: number;
  p50Ms?: number;
  maxMs?: number;
  cpuPercent?: number;
}

/** Which events a page gets that comes later: all of a kind, the latest one, or recent ones. */
const kept = {
  plan: "latest",
  trial: "all",
  now: "latest",
  rates: "recent",
  latency: "recent",
  timeline: "recent",
  rows: "latest",
  end: "latest",
} satisfies Record<LiveEvent["kind"], "all" | "latest" | "recent">;

/** Characters of recent events that are kept. */
const mostRecentChars = 2 ** 20;

interface KeptEvent {
  number: number;
  kind: LiveEvent["kind"];
  frame: string;
}

/** The events of a run, as frames of a stream of server-sent events. */
export interface EventLog {
  /** Adds an event. Returns its frame. */
  add(event: LiveEvent): string;
  /** Frames that a page lacks whose last event has this id. A page without one, or of another run, lacks all. */
  since(lastId: string | undefined): string;
}

/** An empty log. Its ids have the name of the run, so that a page of an earlier run at the same address is told all. */
export function openEventLog(run: string, mostChars = mostRecentChars): EventLog {
  let events: KeptEvent[] = [];
  let [count, recentChars] = [0, 0];

  function dropOldest(): void {
    while (recentChars > mostChars) {
      const oldest = events.findIndex(({ kind }) => kept[kind] === "recent");
      recentChars -= events[oldest]!.frame.length;
      events.splice(oldest, 1);
    }
  }

  return {
    add(event) {
      const { kind } = event;
      const number = ++count;
      const frame = `id: ${run}/${number}\ndata: ${JSON.stringify(event)}\n\n`;
      if (kept[kind] === "latest") events = events.filter((other) => other.kind !== kind);
      events.push({ number, kind, frame });
      if (kept[kind] === "recent") recentChars += frame.length;
      dropOldest();
      return frame;
    },
    since(lastId = "") {
      const last = lastId.startsWith(`${run}/`) ? Number(lastId.slice(run.length + 1)) : 0;
      const missed = Number.isInteger(last) ? events.filter(({ number }) => number > last) : events;
      return missed.map(({ frame }) => frame).join("");
    },
  };
}
