import { expect, it } from "vitest";
import { fitModel } from "./model.ts";
import type { SizingQuestion } from "./split-processes.ts";
import { requirementsFor, type Requirements } from "./requirements.ts";
import { observationsFrom } from "./observations.ts";
import { madeUpRows, sweep, truth, type MadeUpLoad } from "../testing/made-up-rows.ts";

const modelFrom = (loads: readonly MadeUpLoad[], nature: Parameters<typeof madeUpRows>[1] = {}) =>
  fitModel("made-up", observationsFrom(loads.map((load) => madeUpRows(load, nature))))!;
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

function needs(asked: SizingQuestion, sockets: number | "unknown" = 1, of = model): Requirements {
  const said = requirementsFor(of, asked, sockets === "unknown" ? undefined : sockets);
  if ("refused" in said) throw new Error(said.refused.says);
  return said.needs;
}

function refusal(asked: SizingQuestion, of = model) {
  const said = requirementsFor(of, asked, 1);
  return "refused" in said ? said.refused : undefined;
}

it("reckons cores, memory, descriptors, bytes and price of a load over many processes", () => {
  const found = needs(question(50_000, 0.2, 50));
  const cpuPerS =
    500_000 * truth.deliveries +
    10_000 * truth.sends +
    510_000 * 200 * truth.payloadBytes +
    25 * truth.processes +
    50_000 * truth.clients;
  expect(found.cpuPerS).toBeCloseTo(cpuPerS, 6);
  expect(found.cores).toBe(Math.ceil(cpuPerS / 0.7));
  // 20,000 deliveries/s and 2,000 clients are twice what was measured in one process.
  expect(found.processes).toBe(25);
  expect(found.memoryMib).toBeCloseTo(25 * 60 + (50_000 * 10) / 1024, 6);
  expect(found.descriptors).toBe(50_000);
  const month = (30 * 24 * 3_600) / 1e9;
  expect(found.outGb).toBeCloseTo((500_000 * 260 + 10_000 * 50) * month, 3);
  expect(found.inGb).toBeCloseTo((10_000 * 290 + 500_000 * 50) * month, 3);
  expect(found.price).toBeCloseTo(0.09 * found.outGb, 6);
  expect(found.exchangesPerS).toBe(0);
});

it("says why there are more processes than cores, and what to measure to do with fewer", () => {
  const [first] = needs(question(50_000, 0.2, 1)).notes;
  expect(first!.says).toMatch(/^25 processes, as .* twice what was measured in one \(1,000 clients\)/);
  expect(first!.measure).toBe("--scenario echo --clients 2000 --rate 400 --payload-bytes 200");
});

it("takes a process for as many connections as may be open", () => {
  const found = needs(question(4_000, 0.2, 1, { descriptorLimit: 1_064 }), 2);
  expect(found.processes).toBe(8);
  expect(found.notes[0]!.says).toBe("8 processes, as one may have 1,064 descriptors open.");
  expect(found.descriptors).toBe(8_000);
});

it("refuses a utilisation that a process exceeds before it has any work", () => {
  expect(refusal(question(1_000, 0.2, 1, { utilisation: 0.004 }))?.says).toMatch(
    /^Not possible: a process without clients/,
  );
  expect(needs(question(1_000, 0.2, 1, { utilisation: 0.005 })).processes).toBeGreaterThan(10);
});

it("does not know the descriptors of a transport that is not on the list", () => {
  expect(needs(question(1_000, 0.2, 1), "unknown").descriptors).toBeUndefined();
});

it("keeps rooms whole where they fit, and says that a bus is missing where they do not", () => {
  const bus = (asked: SizingQuestion) => needs(asked).notes.find(({ says }) => says.includes("bus"));
  expect(bus(question(50_000, 0.02, 1_000))).toBeUndefined();
  expect(bus(question(4_000, 0.001, 4_000))?.says).toMatch(/^A room of 4,000 spans processes of 2,000 clients/);
});

it("reckons the asks of clients that ask at intervals", () => {
  const polls = modelFrom(sweep, { asksPerS: () => 2 });
  expect(needs(question(1_000, 0.2, 1), 2, polls).exchangesPerS).toBeCloseTo(2_000, 6);
});

it("says how many clients the cores carry, where it is asked", () => {
  const asked = question(50_000, 0.2, 50, { cores: 2 });
  const carried = (2 * 0.7 * 50_000) / needs(asked).cpuPerS;
  const said = needs(asked).notes.find(({ says }) => says.includes("carry"))!.says;
  expect(Number(/carry ([\d,]+)/.exec(said)![1]!.replaceAll(",", "")) / carried).toBeCloseTo(1, 2);
});

it.each([
  ["a payload of more than twice the largest", { payloadBytes: 2_049 }, /payload 2,050 B, but 128 to 1,020 B/],
  ["a payload of less than half the smallest", { payloadBytes: 60 }, /payload 60 B, but 128/],
  [
    "clients that hear less than half of the least",
    { sendsPerS: 100, deliveriesPerS: 100 },
    /deliveries to a client 0.1\/s/,
  ],
])("refuses %s, in one sentence with the command that measures it", (_, changes, sentence) => {
  const asked = question(1_000, 0.3, 1);
  expect(refusal(asked)).toBeUndefined();
  const refused = refusal({ ...asked, load: { ...asked.load, ...changes } })!;
  expect(refused.says).toMatch(sentence);
  expect(refused.says.match(/\. |\.$/g)).toHaveLength(1);
  expect(refused.measure).toMatch(/^--scenario echo --clients 1000 --rate \d+ --payload-bytes \d+$/);
});

it("refuses rooms that were not measured, with a room of that size to measure", () => {
  const echoes = modelFrom(sweep.filter(({ room }) => room === 1));
  const refused = refusal(question(1_000, 0.2, 50), echoes)!;
  expect(refused.says).toMatch(/receivers of a message 50, but 1 were measured/);
  // Five processes, as no more than 1,000 deliveries/s were measured in one.
  expect(refused.measure).toBe("--scenario chat-1k --clients 50 --rate 40 --payload-bytes 200");
});

it("gives the latencies measured next to the load, and none where there are none on either side", () => {
  const busy = needs(question(100, 2, 100));
  // Rooms of 100: 6,000 deliveries a second and, of 50, 1,000 and 5,000. This load has 20,000.
  expect(busy.latency).toBeUndefined();
  expect(busy.notes.at(-1)).toEqual({
    says: "Latency is not known at this load. Measure it.",
    measure: "--scenario chat-1k --clients 100 --rate 200 --payload-bytes 200",
  });
  const calm = needs(question(100, 0.3, 100));
  const [low, high] = [sweep[4]!, sweep[6]!].map((load) => madeUpRows(load).latency_p50_us!);
  expect(calm.latency?.p50Us).toEqual([low, high]);
  expect(calm.notes.at(-1)!.says).toMatch(/20 messages\/s to 50 clients and 100 messages\/s to 50 clients/);
});
