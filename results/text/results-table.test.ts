import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { encodeHistogram } from "../statistics/histogram.ts";
import { testKeys, testMeasurement, recordedHistogram } from "../testing/measurement.ts";
import { abortedRow, failedRow, buildRow } from "../rows/row.ts";
import { rowOf } from "../testing/report-rows.ts";
import { resultsLegend, summaryLegend, summaryTable, resultsTable } from "./results-table.ts";

const names = ["short-poll", "long-poll", "ws", "socket.io", "tcp"];
const small = buildRow(testKeys, testMeasurement());
const large: Row = {
  ...small,
  latency_p50_us: 12_345_678,
  latency_p99_us: 98_765_432,
  overhead_bytes_per_delivery: 12_345.67,
  overhead_bytes_per_send: 1_234.56,
  deliveries_per_s: 1_234_567.8,
  lost: 23_456_789,
  server_cpu_us_per_delivery: 1_234.56,
  status: "suspect",
};
const linesOf = (rows: readonly Row[]): string[] => resultsTable(rows).split("\n");
const words = (line: string): string[] => line.trim().split(/\s{2,}/);

it.each([
  ["small numbers", small, 1],
  ["large numbers", large, 1],
  ["large numbers of a twelfth repeat", large, 12],
  ["the longest counts that are shown in full", { ...large, deliveries_per_s: 99_999, lost: 99_999 }, 12],
] as const)("is never wider than 80 columns, with %s", (_what, numbers, repeat) => {
  const lines = linesOf(names.map((transport) => ({ ...numbers, transport, repeat })));
  expect(lines.length).toBe(2 + names.length);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

it("keeps the order of the rows and numbers the repeats", () => {
  const rows = [
    { ...small, transport: "tcp", repeat: 1 },
    { ...small, transport: "ws", repeat: 2 },
  ];
  expect(
    linesOf(rows)
      .slice(2)
      .map((line) => words(line)[0]),
  ).toEqual(["tcp", "ws #2"]);
});

it("shows times in milliseconds, overhead in bytes, and a dash for a number that was not measured", () => {
  const { latency_p99_us: _p99, overhead_bytes_per_send: _send, ...partly } = small;
  const numbers = { ...partly, latency_p50_us: 1_234, deliveries_per_s: 99_999, lost: 4 };
  expect(words(linesOf([numbers])[2]!)).toEqual(["ws", "1.23", "-", "10.0", "-", "99,999", "4", "2,000.0", "valid"]);
});

it("shortens counts that would not fit", () => {
  const [, , , , , deliveries, lost] = words(linesOf([{ ...small, deliveries_per_s: 1_234_567, lost: 123_456 }])[2]!);
  expect([deliveries, lost]).toEqual(["1.23M", "123K"]);
});

it("lists each rule once below the table, within 80 columns, with all rows to which it applies and what to do", () => {
  const late = (transport: string, repeat: number): Row => ({
    ...small,
    transport,
    repeat,
    status: "suspect",
    rules: "late-sends too-few-samples",
    reasons: "Two sentences with numbers.",
  });
  const lines = linesOf([
    small,
    late("tcp", 1),
    late("tcp", 2),
    late("long-poll", 1),
    { ...small, transport: "tcp", repeat: 3 },
    failedRow({ ...testKeys, transport: "sse", repeat: 3 }, "client 7 lost its connection: ECONNRESET"),
  ]);
  const notes = lines.slice(2 + 6);
  for (const line of notes) expect(line.length).toBeLessThanOrEqual(80);
  expect(notes.join(" ").replaceAll(/\s+/g, " ")).toBe(
    "sse #3 failed: client 7 lost its connection: ECONNRESET " +
      "suspect late-sends: tcp 2 of 3, long-poll; lower --rate or use more --workers. " +
      "note too-few-samples: tcp 2 of 3, long-poll; use a longer --duration.",
  );
});

it("advises no higher load for a group of rows when the load of any of them was too high, whichever comes first", () => {
  const thin: Row = { ...small, transport: "tcp", rules: "too-few-samples" };
  const late: Row = { ...small, transport: "sse", status: "suspect", rules: "late-sends too-few-samples" };
  const noteOf = (...rows: Row[]): string | undefined => linesOf(rows).find((line) => line.startsWith("note"));
  expect(noteOf(thin, late)).toBe("note too-few-samples: tcp, sse; use a longer --duration.");
  expect(noteOf(late, thin)).toBe("note too-few-samples: sse, tcp; use a longer --duration.");
  expect(noteOf(thin)).toBe("note too-few-samples: tcp; use a longer --duration or a higher --rate.");
});

it("shows the sentences of rows that have no rule ids, since an older version wrote them", () => {
  const lines = linesOf([{ ...small, status: "suspect", rules: "", reasons: "The generator was late." }]);
  expect(lines.at(-1)).toBe(`${small.transport} suspect: The generator was late.`);
});

it("has a table for each payload where there are several", () => {
  const payloads = [16, 1_048_576].map((payload_bytes) => ({ ...large, payload_bytes, payload_kind: "binary" }));
  for (const of of [resultsTable, summaryTable]) {
    const parts = of(payloads.flatMap((each) => names.map((transport) => ({ ...each, transport })))).split("\n\n");
    expect(parts.map((part) => part.split("\n")[0])).toEqual(["Payload 16 B binary:", "Payload 1,048,576 B binary:"]);
  }
});

it("shows latencies where only the server sends, and idle bytes where nobody sends", () => {
  expect(resultsTable([{ ...small, senders: 0 }])).toContain("p99");
  expect(resultsTable([{ ...small, senders: 0, offered_per_s: 0 }])).toContain("B/client/s");
});

describe("of two builds", () => {
  const builds = ["0123abc+", "x".repeat(60)];
  const rows = [1, 2].flatMap((repeat) =>
    builds.map((build, i) => ({ ...large, build, repeat, transport: names[0]!, lost: i, reasons: "Why." })),
  );

  it.each([
    ["rows", resultsTable, ["short-poll", "short-poll #2"]],
    ["summaries", summaryTable, ["short-poll"]],
  ] as const)(
    "there is a table of %s for each, with its name, never wider than 80 columns",
    (_what, tableOf, lines) => {
      const parts = tableOf(rows).split("\n\n");
      expect(parts.map((part) => part.split("\n")[0])).toEqual(builds.map((build) => `Build ${build}:`));
      for (const [i, part] of parts.entries()) {
        const shown = part.split("\n").slice(3, 3 + lines.length);
        expect(shown.map((line) => words(line)[0])).toEqual(lines);
        for (const line of shown) expect(words(line)).toContain(String(i * (3 - lines.length)));
        for (const line of part.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
      }
    },
  );
});

it("has a table for each proxy, with what it cost below the rows that went through it", () => {
  const cost = { proxy_version: "1.22.1", proxy_cpu_us_per_delivery: 35.71, proxy_rss_mib: 23 };
  const bytes = { client_wire_bytes_in: 21_760, client_wire_bytes_out: 422_000, wire_bytes_in: 21_760 };
  const through = { through: "nginx", ...cost, ...bytes };
  const rows = [rowOf("ws"), rowOf("ws", through), rowOf("sse", { through: "nginx", status: "failed", error: "gone" })];
  const [direct, proxied, costs] = resultsTable(rows).split("\n\n");
  expect(direct).toMatch(/^No proxy:\ntransport /);
  expect(proxied).toMatch(/^Through nginx:\ntransport .*\nws .*\nsse /s);
  expect(costs).toMatch(
    /^nginx .*\n1\.22\.1 +us\/dlv .*\nws +35\.7 +23\.0 +21,760 +422K +21,760 +11,000\nsse failed: gone/s,
  );
  for (const line of resultsLegend(rows).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

it("has a legend of at most 80 columns", () => {
  for (const line of resultsLegend([{ fault: "cut:50%@5s" }]).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

describe("the table of summaries", () => {
  const statuses = ["valid", "suspect", "invalid"];
  const repeated = (row_: Row, times: number): Row[] =>
    names.flatMap((transport) =>
      Array.from({ length: times }, (_, i) => ({ ...row_, transport, repeat: i + 1, status: statuses[i % 3]! })),
    );

  it.each([
    ["small numbers", small],
    ["large numbers", large],
    ["numbers that are just not shortened", { ...large, lost: 33_333, server_cpu_us_per_delivery: 99_999 }],
  ] as const)("is never wider than 80 columns, with %s", (_what, numbers) => {
    const lines = summaryTable(repeated(numbers, 12)).split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines.slice(2, 2 + names.length).map((line) => words(line)[0])).toEqual(names);
  });

  it("has one line per transport: latencies of all deliveries, the median cost with its interval, and all lost messages", () => {
    const costs = [12.5, 10.25, 30];
    const latency = {
      latency_p50_us: 1_000,
      latency_p99_us: 1_000,
      latency_histogram: encodeHistogram(recordedHistogram(1_000)),
    };
    const rows = costs.map((server_cpu_us_per_delivery, i) => ({
      ...small,
      ...latency,
      status: "valid",
      repeat: i + 1,
      server_cpu_us_per_delivery,
      lost: 5,
    }));
    const [line, coverage, ...rest] = summaryTable(rows).split("\n").slice(2);
    expect(words(line!)).toEqual(["ws", "1.00", "1.00", "12.5", "10.3..30.0", "10.0", "15", "3 valid"]);
    expect(coverage).toBe("intervals of 3 repeats contain the true median with 75.0 % probability.");
    expect(rest).toEqual([]);
  });

  it("lists below it the repeats that were not valid, and does not count their lost messages", () => {
    const rows = [
      { ...small, lost: 1, status: "valid" },
      { ...small, repeat: 2, lost: 50, status: "invalid" },
      failedRow({ ...testKeys, repeat: 3 }, "gone"),
      { ...small, repeat: 4, lost: 2, status: "suspect" },
    ];
    const [line, coverage, counts] = summaryTable(rows).split("\n").slice(2);
    expect(words(line!).slice(-2)).toEqual(["3", "1/4 valid"]);
    expect(coverage).toMatch(/^intervals of 2 repeats .* 50\.0 %/);
    expect(counts).toBe("ws: 1 valid, 1 suspect, 1 invalid, 1 failed");
  });

  it("has no note of a rule below a trial that a threshold ended: its error says why", () => {
    expect(
      resultsTable([abortedRow(testKeys, "aborted")])
        .split("\n")
        .slice(-1),
    ).toEqual(["ws failed: aborted"]);
  });

  it("has dashes where every repeat failed", () => {
    const lines = summaryTable([1, 2].map((repeat) => failedRow({ ...testKeys, repeat }, "gone"))).split("\n");
    expect(words(lines[2]!)).toEqual(["ws", "-", "-", "-", "-", "-", "-", "2 failed"]);
    expect(lines).toHaveLength(3);
  });

  it("has a legend of at most 80 columns", () => {
    for (const line of summaryLegend.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("a run with a fault", () => {
  const broken: Row = {
    ...small,
    fault: "cut:50%@5s",
    affected: 50,
    noticed: 48,
    detect_p50_ms: 26.4,
    back_p50_ms: 1_639.1,
    back_p99_ms: 2_070.7,
    gave_up: 2,
    live_p50_ms: 1_758.4,
    live_p99_ms: 2_092.8,
    missed: 1_556,
    missed_percent: 99.68,
  };

  it("shows what the fault did below the table, before the notes", () => {
    const [first, second, ...more] = resultsTable([broken, { ...broken, transport: "tcp", rules: "fault-late" }]).split(
      "\n\n",
    );
    expect([first!.split("\n").length, more]).toEqual([4, []]);
    const lines = second!.split("\n");
    expect(words(lines[2]!)).toEqual(["ws", "48/50", "0.03", "1.64", "2.07", "2", "1.76", "1,556", "99.7"]);
    expect(lines[4]).toMatch(/^invalid fault-late: tcp/);
  });

  it("shows it of the repeats together, too", () => {
    const [, second] = summaryTable([broken, { ...broken, repeat: 2, missed: 1_600 }]).split("\n\n");
    expect(words(second!.split("\n")[2]!)).toEqual([
      "ws",
      "48/50",
      "0.03",
      "1.64",
      "2.07",
      "2",
      "1.76",
      "1,578",
      "99.7",
    ]);
  });

  it("is never wider than 80 columns", () => {
    const widest = { ...broken, transport: "socket.io-recovery", affected: 9_999, noticed: 9_999 };
    const slow = { back_p50_ms: 60_000, back_p99_ms: 60_000, live_p50_ms: 60_000, live_p99_ms: 60_000 };
    const lines = linesOf([{ ...widest, ...slow, detect_p50_ms: 60_000, missed: 99_999, missed_percent: 100 }]);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("has no second table where no row has a fault, and two tables for each of two faults", () => {
    expect(resultsTable([small])).not.toMatch(/^fault/m);
    expect(resultsTable([broken, small]).match(/^(Fault .*:|fault)/gm)).toEqual([
      "Fault cut:50%@5s:",
      "fault",
      "Fault none:",
    ]);
    const titles = resultsTable([broken, { ...broken, fault: "gone:5s:50%@5s" }]).match(/^Fault .*$/gm);
    expect(titles).toEqual(["Fault cut:50%@5s:", "Fault gone:5s:50%@5s:"]);
  });
});
