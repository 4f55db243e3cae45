import { expect, it } from "vitest";
import { fitModel } from "./model.ts";
import type { SizingQuestion } from "./sizing-question.ts";
import { requirementsFor, type Requirements } from "./requirements.ts";
import { observationsFrom } from "./observations.ts";
import { madeUpRow, sweep, trueCosts, type MadeUpLoad } from "../testing/made-up-rows.ts";

const modelFrom = (loads: readonly MadeUpLoad[], properties: Parameters<typeof madeUpRow>[1] = {}) =>
  fitModel("made-up", observationsFrom(loads.map((load) => madeUpRow(load, properties))))!;
const model = modelFrom(sweep);

function question(
  clients: number,
  perClientS: number,
  roomSize: number,
  changes: Partial<SizingQuestion> = {},
): SizingQuestion {
  const sendsPerS = clients * perClientS;
  return {
    load: { clients, processes: 1, roomSize, sendsPerS, deliveriesPerS: sendsPerS * roomSize, payloadBytes: 200 },
    utilisation: 0.7,
    pricePerGb: 0.09,
    descriptorLimit: 20_000,
    ...changes,
  };
}

function requirements(of: SizingQuestion, sockets: number | "unknown" = 1, from = model): Requirements {
  const answer = requirementsFor(from, of, sockets === "unknown" ? undefined : sockets);
  if ("unknown" in answer) throw new Error(answer.unknown.text);
  return answer.requirements;
}

function refusal(of: SizingQuestion, from = model) {
  const answer = requirementsFor(from, of, 1);
  return "unknown" in answer ? answer.unknown : undefined;
}

it("computes cores, memory, sockets, bytes and price of a load over many processes", () => {
  const result = requirements(question(50_000, 0.2, 50));
  const cpuPerS =
    500_000 * trueCosts.deliveries +
    10_000 * trueCosts.sends +
    510_000 * 200 * trueCosts.payloadBytes +
    25 * trueCosts.processes +
    50_000 * trueCosts.clients;
  expect(result.cpuPerS).toBeCloseTo(cpuPerS, 6);
  expect(result.cores).toBe(Math.ceil(cpuPerS / 0.7));
  // 20,000 deliveries/s and 2,000 clients are twice what was measured in one process.
  expect(result.processes).toBe(25);
  expect(result.memoryMib).toBeCloseTo(25 * 60 + (50_000 * 10) / 1024, 6);
  expect(result.sockets).toBe(50_000);
  const month = (30 * 24 * 3_600) / 1e9;
  expect(result.outGb).toBeCloseTo((500_000 * 260 + 10_000 * 50) * month, 3);
  expect(result.inGb).toBeCloseTo((10_000 * 290 + 500_000 * 50) * month, 3);
  expect(result.price).toBeCloseTo(0.09 * result.outGb, 6);
  expect(result.pollsPerS).toBe(0);
});

it("explains why there are more processes than cores, and which measurement could reduce them", () => {
  const [first] = requirements(question(50_000, 0.2, 1)).notes;
  expect(first!.text).toMatch(/^25 processes, because the model is valid up to twice .* \(1,000 clients\)/);
  expect(first!.benchArgs).toBe("--scenario echo --clients 2000 --rate 400 --payload-bytes 200");
});

it("needs one process per full set of file descriptors", () => {
  const result = requirements(question(4_000, 0.2, 1, { descriptorLimit: 1_064 }), 2);
  expect(result.processes).toBe(8);
  expect(result.notes[0]!.text).toBe("8 processes, because one process may open 1,064 file descriptors.");
  expect(result.sockets).toBe(8_000);
});

it("takes the memory per client from the rows with most clients: with few, garbage is most of it", () => {
  const rows = sweep.map((load) =>
    madeUpRow(load, {}, load.clients < 1_000 ? { server_rss_kib_per_client: 10_000 } : {}),
  );
  const noisy = fitModel("made-up", observationsFrom(rows))!;
  expect(requirements(question(50_000, 0.2, 50), 1, noisy).memoryMib).toBeCloseTo(25 * 60 + (50_000 * 10) / 1024, 6);
});

it("refuses a utilisation that an idle process exceeds", () => {
  expect(refusal(question(1_000, 0.2, 1, { utilisation: 0.004 }))?.text).toMatch(/^Not possible: an idle process/);
  expect(requirements(question(1_000, 0.2, 1, { utilisation: 0.005 })).processes).toBeGreaterThan(10);
});

it("leaves the sockets of an unlisted transport undefined", () => {
  expect(requirements(question(1_000, 0.2, 1), "unknown").sockets).toBeUndefined();
});

it("keeps a room in one process when it fits, and reports the missing bus when it does not", () => {
  const bus = (of: SizingQuestion) => requirements(of).notes.find(({ text }) => text.includes("bus"));
  expect(bus(question(50_000, 0.02, 1_000))).toBeUndefined();
  expect(bus(question(4_000, 0.001, 4_000))?.text).toMatch(/^A room of 4,000 clients spans processes of 2,000 clients/);
});

it("computes the polls of clients that poll at an interval", () => {
  const polls = modelFrom(sweep, { pollsPerS: () => 2 });
  expect(requirements(question(1_000, 0.2, 1), 2, polls).pollsPerS).toBeCloseTo(2_000, 6);
});

it("reports how many clients the available cores can serve", () => {
  const wanted = question(50_000, 0.2, 50, { cores: 2 });
  const clients = (2 * 0.7 * 50_000) / requirements(wanted).cpuPerS;
  const { text } = requirements(wanted).notes.find((note) => note.text.includes("2 cores"))!;
  expect(Number(/for ([\d,]+) such clients/.exec(text)![1]!.replaceAll(",", "")) / clients).toBeCloseTo(1, 2);
});

it.each([
  ["a payload of more than twice the largest", { payloadBytes: 2_049 }, /payload 2,050 B \(measured: 128 to 1,020 B\)/],
  ["a payload of less than half the smallest", { payloadBytes: 60 }, /payload 60 B \(measured: 128/],
  [
    "clients that receive less than half of the lowest measured rate",
    { sendsPerS: 100, deliveriesPerS: 100 },
    /deliveries per client 0.1\/s/,
  ],
])("refuses %s in one sentence, with the command that measures such a load", (_, changes, sentence) => {
  const wanted = question(1_000, 0.3, 1);
  expect(refusal(wanted)).toBeUndefined();
  const refused = refusal({ ...wanted, load: { ...wanted.load, ...changes } })!;
  expect(refused.text).toMatch(sentence);
  expect(refused.text.match(/\. |\.$/g)).toHaveLength(1);
  expect(refused.benchArgs).toMatch(/^--scenario echo --clients 1000 --rate \d+ --payload-bytes \d+$/);
});

it("refuses rooms larger than measured, with a command that measures a room of that size", () => {
  const echoes = modelFrom(sweep.filter(({ roomSize }) => roomSize === 1));
  const refused = refusal(question(1_000, 0.2, 50), echoes)!;
  expect(refused.text).toMatch(/receivers per message 50 \(measured: 1\)/);
  // Five processes, because at most 1,000 deliveries/s were measured in one.
  expect(refused.benchArgs).toBe("--scenario chat-1k --clients 50 --rate 40 --payload-bytes 200");
});

it("gives the latencies of the two nearest measured loads, and none without a load on both sides", () => {
  const busy = requirements(question(100, 2, 100));
  // Measured: 6,000 deliveries/s in rooms of 100; 1,000 and 5,000 in rooms of 50. This load has 20,000.
  expect(busy.latency).toBeUndefined();
  expect(busy.notes.at(-1)).toEqual({
    text: "Latency at this load is unknown. Measure it.",
    benchArgs: "--scenario chat-1k --clients 100 --rate 200 --payload-bytes 200",
  });
  const calm = requirements(question(100, 0.3, 100));
  const [low, high] = [sweep[4]!, sweep[6]!].map((load) => madeUpRow(load).latency_p50_us!);
  expect(calm.latency?.p50Us).toEqual([low, high]);
  expect(calm.notes.at(-1)!.text).toMatch(/20 messages\/s to 50 clients and at 100 messages\/s to 50 clients/);
});

it("gives the latencies at the utilisation of one process, where the load is divided among several", () => {
  const one = requirements(question(100, 0.3, 100));
  const two = requirements(question(200, 0.3, 100, { descriptorLimit: 164 }));
  expect([one.processes, two.processes]).toEqual([1, 2]);
  expect(two.latency).toEqual(one.latency);
  expect(one.latency).toBeDefined();
});
