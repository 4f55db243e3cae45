import { expectedTimeText } from "./search-text.ts";
import { describe, expect, it } from "vitest";
import type { Row } from "../../../results/model/columns.ts";
import { testKeys, testMeasurement, recordedHistogram } from "../../../results/testing/measurement.ts";
import { failedRow, buildRow } from "../../../results/rows/row.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { scenarios } from "../../../scenarios/scenarios.ts";
import { parseObjective } from "../../../scenarios/search/objective.ts";
import { resolveSettings, type SettingsOverrides, type Settings } from "../../../scenarios/definitions/settings.ts";
import { searchResult, searchCsv, searchTable } from "./search-results.ts";
import { openSearch, probeTrials, type SearchRequest } from "./search-trials.ts";
import { searchRequest, parseFind } from "./search-command.ts";

function requestWith(changes: SettingsOverrides = {}, more: Partial<SearchRequest> = {}): SearchRequest {
  const scenario = scenarios["chat-1k"];
  const settings = resolveSettings("chat-1k", scenario, changes);
  return {
    objective: parseObjective("p99=250ms"),
    variable: "rate",
    timeLimitMs: 1e9,
    scenario,
    settings,
    overrides: changes,
    ...more,
  };
}

/** The row of a trial in which every delivery had this latency, at its own rate and number of clients. */
function rowWithLatency(us: number, { ratePerS, clients }: Settings): Row {
  const largestUs = new Float32Array(10).fill(us);
  const at = { ...testKeys, offered_per_s: ratePerS, clients, duration_s: 10 / ratePerS };
  return buildRow(
    at,
    testMeasurement({ latencyUs: recordedHistogram(us), serviceUs: recordedHistogram(us), largestUs }),
  );
}

/** Searches with these rows for trials, each of which takes a second. */
async function search(
  request: SearchRequest,
  names: string[],
  measure: (settings: Settings, transport: string) => Row | undefined,
) {
  const searches = await Promise.all(names.map((transport) => openSearch({ transport }, request)));
  const rows: Row[] = [];
  const jobs = [];
  let nowMs = 0;
  for (const job of probeTrials(
    searches,
    names.map((transport) => ({ transport })),
    request,
    rows,
    () => nowMs,
  )) {
    jobs.push(job);
    const measured = measure(job.trial.settings, job.trial.transport);
    if (measured) rows.push(measured);
    nowMs += 1_000;
    expect(jobs.length).toBeLessThan(200);
  }
  return {
    jobs,
    findings: searches.map(searchResult),
    table: searchTable(searches.map(searchResult).filter((each) => !!each)),
  };
}

const upTo = (rate: number) => (settings: Settings) =>
  rowWithLatency(settings.ratePerS <= rate ? 20_000 : 400_000, settings);

describe("a search", () => {
  it("gives every trial a number, a seed of its own, and the settings of its step", async () => {
    const { jobs } = await search(requestWith({ seed: 9, payloadBytes: 500 }), ["ws", "tcp"], upTo(100));
    const ws = jobs.filter(({ trial }) => trial.transport === "ws").map(({ trial }) => trial);
    expect(ws.map(({ repeat }) => repeat)).toEqual(ws.map((_, i) => i + 1));
    expect(ws.map(({ settings }) => settings.seed)).toEqual(ws.map((_, i) => i + 9));
    for (const { settings } of ws) expect(settings).toMatchObject({ clients: 1_000, payloadBytes: 500 });
    expect(ws.map(({ settings: { ratePerS, precise } }) => precise === ratePerS <= 200)).not.toContain(false);
  });

  it("labels each trial with its step and the best step so far, and summarises its result", async () => {
    const { jobs } = await search(requestWith(), ["ws"], upTo(100));
    expect(jobs.map(({ label }) => label)).toEqual(
      expect.arrayContaining(["ws 10/s coarse", "ws 19.6/s coarse (10 kept)", "ws 105/s decide (100 kept)"]),
    );
    expect(jobs[0]!.summaryLine!(rowWithLatency(20_000, jobs[0]!.trial.settings))).toBe("kept: p99 20.0 ms");
    expect(jobs[0]!.summaryLine!({ ...rowWithLatency(400_000, jobs[0]!.trial.settings), lost: 1 })).toBe(
      "missed: p99 400 ms and 1 of 100 lost",
    );
  });

  it("searches for the number of clients at a fixed rate", async () => {
    const measure = (settings: Settings) => rowWithLatency(settings.clients <= 2_000 ? 20_000 : 400_000, settings);
    const { jobs, findings } = await search(requestWith({ ratePerS: 40 }, { variable: "clients" }), ["ws"], measure);
    expect(findings[0]).toMatchObject({ answer: "found", searched: "clients", kept: 1960, missed: 2050 });
    expect(jobs[0]).toMatchObject({ label: "ws 1,000 clients coarse", trial: { settings: { ratePerS: 40 } } });
  });

  it("ends at its time limit, and then the next search begins", async () => {
    const { jobs, findings } = await search(requestWith({}, { timeLimitMs: 3_000 }), ["ws", "tcp"], upTo(100));
    expect(jobs.map(({ trial }) => trial.transport)).toEqual(["ws", "ws", "ws", "tcp", "tcp", "tcp"]);
    expect(findings[1]).toMatchObject({ answer: "not finished", kept: undefined, missed: undefined, trials: 3 });
  });

  it("ends at an interrupted trial, and the later searches do not begin", async () => {
    let left = 2;
    const { jobs, findings } = await search(requestWith(), ["ws", "tcp"], (settings) =>
      left-- > 0 ? upTo(100)(settings) : undefined,
    );
    expect(jobs).toHaveLength(3);
    expect(findings[0]).toMatchObject({ answer: "not finished", trials: 2 });
    expect(findings[1]).toBeUndefined();
  });
});

describe("the notes of a search", () => {
  const lines = async (measure: Parameters<typeof search>[2], request = requestWith(), name = "ws") =>
    (await search(request, [name], measure)).table.replaceAll(/\n {2}(?=\S)/g, " ").split("\n");

  it("are left out where the row says everything", async () => {
    const [, , line, ...more] = await lines(upTo(100));
    expect(line).toMatch(/^ws +100 +105 +20\.0 +400 .* nothing +\d+$/);
    expect(more).toEqual([]);
  });

  it("report that no rate passes, and the wait for a poll", async () => {
    const polled = await lines((settings) => rowWithLatency(990_000, settings), requestWith(), "short-poll");
    expect(polled.at(-1)).toBe(
      "short-poll: No rate meets p99=250ms: at 10/s, the lowest tried, trials saw p99 990 ms (waiting for the next poll alone takes 990 ms).",
    );
    const pushed = await lines((settings) => rowWithLatency(300_000, settings));
    expect(pushed.at(-1)).toBe(
      "ws: No rate meets p99=250ms: at 10/s, the lowest tried, trials saw p99 300 ms, p99 300 ms, p99 300 ms.",
    );
  });

  it("report that the load generator was the limit, with the remedy", async () => {
    const full = (settings: Settings): Row => ({ ...upTo(100)(settings), bottleneck: "workers" });
    expect((await lines(full)).at(-1)).toBe(
      "ws: At least 100/s: at 105/s the load generator was the limit: use more --workers.",
    );
  });

  it("report failed trials, above the kept step or at every step", async () => {
    const broken = failedRow(testKeys, "client 1 lost its connection");
    expect((await lines((settings) => (settings.ratePerS > 100 ? broken : upTo(100)(settings)))).at(-1)).toBe(
      "ws: At 105/s trials failed: client 1 lost its connection.",
    );
    expect((await lines(() => broken)).at(-1)).toBe(
      "ws: Not measured: at 10/s, the lowest tried, trials failed: client 1 lost its connection.",
    );
  });

  it("report an unfinished search, with the steps that passed and failed so far", async () => {
    const soon = await lines(upTo(10), requestWith({}, { timeLimitMs: 2_000 }));
    expect(soon.at(-1)).toBe(
      "ws: Not finished: short trials, which do not decide, kept 10/s and missed 19.6/s. The limit is not known. To go on, begin near it: --rate 10, and a longer --time-limit.",
    );
  });

  it("report trials that stayed suspect after retries", async () => {
    const late = (settings: Settings): Row => ({ ...upTo(100)(settings), rules: "cpu-contention" });
    expect((await lines(late)).at(-1)).toBe("ws: 3 of its trials stayed suspect after retries: see their rules.");
  });

  it("and the table have lines of at most 80 columns, and the CSV has a cell per column", async () => {
    const slow = (settings: Settings) => rowWithLatency(990_000, settings);
    const { table, findings } = await search(requestWith(), ["short-poll-500ms"], slow);
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    const [header, line] = searchCsv(findings.filter((each) => !!each)).split("\n");
    expect(header).toMatch(/^run_id,build,scenario,transport,objective,/);
    expect(line).toMatch(/^2025-01-02T03-04-05Z,0123abc,chat-100,short-poll-500ms,p99=250ms,rate,no rate,,10,,990/);
  });
});

describe("the flags of a search", () => {
  const settings = resolveSettings("chat-1k", scenarios["chat-1k"], {});
  const slo = parseObjective("p99=250ms");
  it.each([
    [{ find: "clients" as const }, /^--find clients needs an objective/],
    [{ timeLimit: 1_000 }, /^--time-limit limits a search/],
    [{ slo, repeat: 3 }, /^--slo p99=250ms repeats trials/],
    [{ slo, strict: true as const }, /drop --strict/],
  ])("%j are refused", (flags, sentence) => {
    expect(() => searchRequest({ repeat: 1, ...flags }, scenarios["chat-1k"], settings, {})).toThrow(UserError);
    expect(() => searchRequest({ repeat: 1, ...flags }, scenarios["chat-1k"], settings, {})).toThrow(sentence);
  });

  it("are refused for a scenario without senders", () => {
    const quiet = resolveSettings("idle-100", scenarios["idle-100"], {});
    expect(() => searchRequest({ repeat: 1, slo }, scenarios["idle-100"], quiet, {})).toThrow(
      /^No client sends in idle-100/,
    );
  });

  it("are refused if --find is neither rate nor clients", () => {
    expect(["rate", "clients"].map(parseFind)).toEqual(["rate", "clients"]);
    expect(() => parseFind("users")).toThrow(/^--find "users" is neither rate nor clients/);
  });

  it("do not include --repeat and --strict", () => {
    expect(searchRequest({ repeat: 3, strict: true }, scenarios["chat-1k"], settings, {})).toBeUndefined();
  });
});

it.each([
  [1, 6_000, 10_000, 1_200_000, "about 9 minutes for this transport. Its limit: --time-limit 1200s."],
  [
    4,
    6_000,
    10_000,
    60_000,
    "about 1 minute for each of 4 transports. Its limit is shorter than it needs: --time-limit 60s.",
  ],
])("says before how long the searches of %d transports take", (transports, warmupMs, durationMs, limitMs, end) => {
  const text = expectedTimeText(transports, { warmupMs, durationMs }, limitMs);
  expect(text).toBe(`A search takes about 25 trials: ${end}`);
});
