import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../lib/errors.ts";
import { loadScenario } from "./scenario-file.ts";
import { trafficPatternOf } from "./traffic-pattern.ts";
import { scenarios } from "../scenarios.ts";
import { payloadVariants, resolveSettings } from "./settings.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "scenario-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function found(yaml: string, speed?: number) {
  writeFileSync(join(folder, "mine.yaml"), yaml);
  return loadScenario("mine.yaml", speed, (path) => join(folder, path));
}

it("inherits missing fields from the scenario that the file extends, or from chat-100", () => {
  const { name, file, scenario } = found("extends: chat-1k\nquestion: How?\nrate: 2.5\n");
  expect([name, file]).toEqual(["mine", join(folder, "mine.yaml")]);
  expect(scenario).toEqual({ ...scenarios["chat-1k"], question: "How?", ratePerS: 2.5 });
  expect(found("clients: 7").scenario).toEqual({ ...scenarios["chat-100"], clients: 7, maxWarmupMs: 20_000 });
});

it("warms up until the servers are steady, 20 s at most, unless the file says otherwise", () => {
  const warmup = (yaml: string) => {
    const { warmupMs, maxWarmupMs } = found(yaml).scenario;
    return [warmupMs, maxWarmupMs];
  };
  expect(warmup("rate: 60")).toEqual([scenarios["chat-100"].warmupMs, 20_000]);
  expect(warmup("extends: echo")).toEqual([5_000, 30_000]);
  expect(warmup("warmup: 3s")).toEqual([3_000, 3_000]);
  expect(warmup("maxWarmup: 4s")).toEqual([scenarios["chat-100"].warmupMs, 4_000]);
  expect(warmup("extends: idle-100k\nclients: 10")).toEqual([0, 0]);
});

it("reads durations and sizes with their units, lists of payloads, and every other field", () => {
  const yaml = `
app: ingest   # the server receives
senderSide: both
clients: 20
rooms: { of: 5 }
senders: one a room
rate: 40
arrivals: { burst: 4 }
halfDuplexSlot: 250ms
payloadBytes: [16, 1KiB]
payloadKind: [text, binary]
warmup: 2s
duration: 1m
`;
  const { scenario } = found(yaml);
  expect(scenario).toEqual({
    question: scenarios["chat-100"].question,
    app: "ingest",
    senderSide: "both",
    clients: 20,
    rooms: { of: 5 },
    senders: "one a room",
    ratePerS: 40,
    arrivals: { burst: 4 },
    halfDuplexSlotMs: 250,
    payloadBytes: [16, 1024],
    payloadKind: ["text", "binary"],
    warmupMs: 2_000,
    maxWarmupMs: 2_000,
    durationMs: 60_000,
  });
  expect(payloadVariants(scenario, {})).toHaveLength(4);
  expect(payloadVariants(scenario, { payloadBytes: 32 })).toEqual([
    { payloadBytes: 32, payloadKind: "text" },
    { payloadBytes: 32, payloadKind: "binary" },
  ]);
  const settings = resolveSettings("mine", scenario, {});
  expect(settings).toMatchObject({ rooms: 4, senders: 4, payloadBytes: 16, payloadKind: "text" });
  expect(trafficPatternOf(settings)).toBe("clients and server send, server receives, bursts of 4, slots of 250 ms");
});

it("reads what lost connections mean, and refuses it where each message has its own", () => {
  const load = (text: string) => {
    writeFileSync(join(folder, "drops.yaml"), text);
    return () => loadScenario("drops.yaml", undefined, (path) => join(folder, path)).scenario.dropsAllowed;
  };
  expect(["drops: 5%", "drops: count", "drops: fail", "rate: 3"].map((text) => load(text)())).toEqual([
    0.05,
    1,
    0,
    undefined,
  ]);
  expect(load("drops: 5")).toThrow(/line 1: drops "5" does not say what lost connections mean/);
  expect(load("extends: connect-per-message\ndrops: count")).toThrow(/is always counted: remove drops\.$/);
});

it("a speaker that does not hear itself is in the traffic pattern", () => {
  const settings = { ...resolveSettings("chat-100", scenarios["chat-100"], {}), speakerExcluded: true as const };
  expect(trafficPatternOf(settings)).toBe("speaker excluded");
});

it("names the traffic pattern of every scenario on the list", () => {
  const patterns = Object.entries(scenarios).map(([name, scenario]) => [
    name,
    trafficPatternOf(resolveSettings(name, scenario, {})),
  ]);
  expect(Object.fromEntries(patterns)).toEqual({
    echo: "plain",
    "chat-100": "plain",
    "chat-1k": "plain",
    "chat-10k": "plain",
    ticker: "server sends",
    notify: "server sends",
    telemetry: "server receives",
    "full-duplex": "clients and server send, server receives",
    "half-duplex": "clients and server send, server receives, slots of 500 ms",
    tokens: "server sends, even",
    "payload-sizes": "plain",
    burst: "bursts of 50",
    "connect-per-message": "connection per message",
    "slow-consumer": "5 paused",
    cut: "plain",
    flaky: "server sends",
    "outage-5s": "plain",
    "half-open": "plain",
    restart: "plain",
    asleep: "plain",
    "idle-100": "plain",
    "idle-100k": "plain",
  });
});

it.each<[string, string, string | Buffer]>([
  ["a byte order mark", "a.yaml", "\uFEFFclients: 3\nrate: 4\n"],
  ["CR LF", "a.yaml", "clients: 3\r\nrate: 4\r\n"],
  ["lone CR", "a.yaml", "clients: 3\rrate: 4\r"],
  ["UTF-16", "a.yaml", Buffer.from("\uFEFFclients: 3\nrate: 4\n", "utf16le")],
  ["an anchor", "a.yaml", "clients: &n 3\nrate: 4\npausedClients: 0"],
  ["an ending in capitals", "A.YML", "clients: 3\nrate: 4\n"],
])("reads a file with %s", (_, name, text) => {
  writeFileSync(join(folder, name), text);
  const { scenario } = loadScenario(name, undefined, (path) => join(folder, path));
  expect(scenario).toMatchObject({ clients: 3, ratePerS: 4 });
});

it.each(["FRIDAY.CSV", "friday.jsonl", "friday.NDJSON"])(
  "replays the trace %s, and names the scenario without its ending",
  (name) => {
    const json = JSON.stringify({ time: 1, room: "a", sender: "b", text: "c" });
    writeFileSync(join(folder, name), /csv/i.test(name) ? "time,room,sender,text\n1,a,b,c\n" : json);
    const loaded = loadScenario(name, undefined, (path) => join(folder, path));
    expect([loaded.name.toLowerCase(), loaded.scenario.clients]).toEqual(["friday", 1]);
  },
);

describe("rejects a mistake with one sentence that names the file and the line", () => {
  it.each([
    ["clients: 3\nclents: 4", /mine\.yaml, line 2: Unknown field "clents"\. Did you mean "clients"\?/],
    ["clients: 3\nspeakers: both", /line 2: The field "speakers" has a new name: write "senderSide"/],
    ["visits: true", /line 1: The field "visits" has a new name: write "connectPerMessage: true"/],
    ["turn: 1s", /line 1: The field "turn" has a new name: write "halfDuplexSlot"/],
    ["slowClients: 3", /line 1: The field "slowClients" has a new name: write "pausedClients"/],
    ["clients: 3\n\nrate: fast", /line 3: rate "fast" is not a number above 0/],
    ["clients: [1, 2]", /line 1: clients "\[1,2\]" is not a whole number/],
    ["clients:", /line 1: clients "null" is not a whole number/],
    ["duration: 10", /line 1: duration "10" is not a duration: .* such as 500ms/],
    ["payloadBytes: [16, 4]", /line 1: payloadBytes "4" is not a size from 16/],
    ["payloadKind: texte", /line 1: payloadKind "texte" is not one of its choices\. Did you mean "text"\?/],
    ["rooms: some", /rooms "some" is neither a number, nor "one each", nor \{ of: 100 \}/],
    ["arrivals: { burst: 0 }", /arrivals: burst "0" is not a whole number from 1/],
    ["arrivals: { every: 1s }", /arrivals "\{"every":"1s"\}" is neither uniform, nor even/],
    ["rate: 1\nextends: chat-1kk", /line 2: Unknown scenario "chat-1kk"\. Did you mean "chat-1k"\?/],
    ["a: [1", /line 1, column \d+: this is not YAML: .*close every bracket before the next field/],
    ["question: 'a", /line 1, column \d+: this is not YAML: a quote, a bracket or a colon is missing/],
    ["question: @a", /line 1, column 11: this is not YAML: .*: put a text that holds one of/],
    ["clients: 3\nquestion: How: much", /line 2, column 11: this is not YAML: .*put a text with a colon in quotes/],
    ["clients: 3\nrate 4\nduration: 1s", /line 2, column 1: this is not YAML: a colon is missing/],
    ["clients: 3\n  rate: 4", /line 1, column 10: this is not YAML: .*start all fields in the same column/],
    ["clients: 1\nclients: 2", /line 2, column 1: this is not YAML: a field appears twice: remove one/],
    ["clients: *x", /line 1, column \d+: this is not YAML: Unresolved alias.*: put a text/],
    ["clients: !!foo 3", /line 1, column \d+: this is not YAML: Unresolved tag.*: put a text/],
    ["clients: 3\n---\nclients: 4", /line 2: a second scenario begins/],
    ["- clients", /mine\.yaml is not a scenario: write fields such as/],
    ["", /mine\.yaml is not a scenario: write fields such as/],
    ["app: echo", /app: echo replies to the sender alone, so it needs rooms: one each/],
    ["app: ingest\nsenderSide: server", /senderSide: server has none: use app: chat/],
    ["halfDuplexSlot: 1s", /halfDuplexSlot needs two sides that send: add senderSide: both/],
    ["senderSide: server\nsenders: 3", /with senderSide: server no client sends/],
    ["senders: 0", /no client sends: raise senders/],
    ["idleCycles: 3", /idleCycles is for scenarios without messages/],
    ["rate: 0", /rate: 0 needs idleCycles/],
    ["warmup: 3s\nmaxWarmup: 1s", /maxWarmup is shorter than warmup/],
    ["thresholds: lost", /line 1: thresholds "lost" is not a threshold/],
    ["thresholds: [lost=0, losst=0]", /line 1: thresholds "losst=0" names no .* Did you mean "lost"/],
    ["thresholds: 3", /line 1: thresholds "3" is not a text/],
    ["speed: 3", /speed and listeners are for a trace/],
    ["trace: x.csv\nrate: 3", /line 2: the trace determines rate: remove rate/],
    ["trace: x.csv", /Cannot read .*x\.csv: there is no such file/],
    ["trace: x.txt", /x\.txt is not a trace: use a file that ends in \.csv, \.ndjson or \.jsonl/],
    ["clients: 3\n\trate: 4", /line 2, column 1: this is not YAML: a tab stands before a field/],
    ["<<: { rate: 4 }", /line 1: Unknown field "<<"/],
    [`${"x".repeat(1_000)}: 1`, /line 1: Unknown field "x{60}\.\.\."/],
    [`clients: [${"1, ".repeat(1_000)}1]`, /line 1: clients "\[1,.{57}\.\.\." is not a whole number/],
    [`clients: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, /nested too deeply/],
    [`# ${"x".repeat(2 ** 20)}`, /mine\.yaml is not a scenario: it is longer than 1 MiB/],
  ])("%j", (yaml, sentence) => {
    expect(() => found(yaml)).toThrow(UserError);
    expect(() => found(yaml)).toThrow(sentence);
    expect(() => found(yaml)).not.toThrow(/\n/);
  });

  it("without such a file, with a file of another kind, and with a speed but no trace", () => {
    const find = (name: string, speed?: number) => () => loadScenario(name, speed, (path) => join(folder, path));
    expect(find("no.yaml")).toThrow(/Cannot read .*no\.yaml: there is no such file\. Correct the path/);
    expect(find("./mine.json")).toThrow(/mine\.json is not a scenario: use a file that ends in \.yaml/);
    expect(find("chat-1k", 2)).toThrow(/--speed is for a trace, and chat-1k is none: use --rate/);
    expect(() => found("clients: 3", 2)).toThrow(/--speed is for a trace/);
  });
});
