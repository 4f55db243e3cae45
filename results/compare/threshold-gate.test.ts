import { expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { abortedRow, failedRow } from "../rows/row.ts";
import { parseThresholds } from "../rows/thresholds.ts";
import { encodeHistogram } from "../statistics/histogram.ts";
import { recordedHistogram, testKeys } from "../testing/measurement.ts";
import { checkThresholds } from "./threshold-gate.ts";

const row = (changes: Row): Row => ({ ...testKeys, status: "valid", ...changes });
const check = (text: string, ...rows: Row[]) => checkThresholds(rows, parseThresholds("--threshold", text));
const nothing = { exceeded: [], undecidable: [] };

it("a value that keeps its threshold is not reported", () => {
  expect(check("latency_p99_us<250ms,lost=0", row({ latency_p99_us: 249_999, lost: 0 }))).toEqual(nothing);
});

it("a broken threshold is one sentence with the transport, the column, the value and the bound", () => {
  const { exceeded } = check("latency_p99_us<250ms,lost=0", row({ latency_p99_us: 250_000, lost: 1_234 }));
  expect(exceeded).toEqual([
    "ws, chat-100: latency_p99_us is 250,000 us, and the threshold is latency_p99_us<250ms.",
    "ws, chat-100: lost is 1,234, and the threshold is lost=0.",
  ]);
});

it("each repeat is judged, and one sentence has those that break a threshold", () => {
  const repeats = [0, 7, 0, 9].map((lost, i) => row({ repeat: i + 1, lost }));
  expect(check("lost=0", ...repeats).exceeded).toEqual([
    "ws, chat-100: lost is 7 in repeat 2 and 9 in repeat 4, and the threshold is lost=0.",
  ]);
  const all = [1, 2, 3, 4, 5].map((lost, i) => row({ repeat: i + 1, lost }));
  expect(check("lost=0", ...all).exceeded[0]).toContain(
    "3 in repeat 3 and too much or too little in 2 more repeats, and",
  );
});

it("trials with other payloads are judged apart, and their sentences tell them apart", () => {
  const { exceeded } = check("lost=0", row({ lost: 1, payload_bytes: 16 }), row({ lost: 0, payload_bytes: 32 }));
  expect(exceeded).toEqual(["ws, chat-100, payload_bytes 16: lost is 1, and the threshold is lost=0."]);
});

it("a value that no row has cannot be judged", () => {
  const { exceeded, undecidable } = check("latency_p99_us<250ms", row({ lost: 0 }));
  expect(exceeded).toEqual([]);
  expect(undecidable).toEqual([
    "ws, chat-100: the threshold latency_p99_us<250ms could not be checked, since latency_p99_us was not measured.",
  ]);
});

it("a percentile that only the repeats together have is judged", () => {
  const latency_histogram = encodeHistogram(recordedHistogram(...Array<number>(600).fill(300_000)));
  const repeats = [1, 2].map((repeat) => row({ repeat, sent: 600, latency_histogram }));
  expect(check("latency_p99_us<250ms", repeats[0]!).undecidable).toHaveLength(1);
  const { exceeded, undecidable } = check("latency_p99_us<250ms", ...repeats);
  expect(undecidable).toEqual([]);
  expect(exceeded).toEqual([
    expect.stringMatching(/^ws, chat-100: latency_p99_us is 300,\d+ us over all repeats, and/),
  ]);
});

it("where one repeat has no percentile, those of the others are judged, and that of all repeats together", () => {
  const of = (us: number): string => encodeHistogram(recordedHistogram(...Array<number>(600).fill(us)));
  const first = row({ repeat: 1, sent: 600, latency_histogram: of(300_000) });
  const second = row({ repeat: 2, sent: 600, latency_histogram: of(100_000), latency_p99_us: 100_000 });
  const { exceeded, undecidable } = check("latency_p99_us<250ms", first, second);
  expect(undecidable).toEqual([]);
  expect(exceeded).toEqual([
    expect.stringMatching(/^ws, chat-100: latency_p99_us is 300,\d+ us over all repeats, and/),
  ]);
});

it("invalid and failed rows have their own exit codes and are not judged", () => {
  expect(check("lost=0", row({ status: "invalid", lost: 3 }), failedRow(testKeys, "it broke"))).toEqual(nothing);
  expect(check("lost=0", row({ status: "suspect", lost: 3 })).exceeded).toHaveLength(1);
});

it("a trial that a threshold ended is reported with its reason", () => {
  const reason = "aborted 3.0 s after T0: 7 deliveries are lost, so the threshold lost=0 can hold no more";
  expect(check("lost=0", abortedRow(testKeys, reason)).exceeded).toEqual([`ws, chat-100: ${reason}.`]);
  const { exceeded } = check("lost=0", row({ lost: 0 }), abortedRow({ ...testKeys, repeat: 2 }, reason));
  expect(exceeded).toEqual([`ws, chat-100, repeat 2: ${reason}.`]);
});
