import { expect, it } from "vitest";
import { seededRandom } from "../../scenarios/lib/random.ts";
import { fitModel, predict, type SizedLoad } from "./model.ts";
import { observationsFrom } from "./observations.ts";
import { madeUpRows, sweep, truth, type MadeUpLoad } from "../testing/made-up-rows.ts";

/** Two repeats of each load of the sweep. */
const measured = (nature: Parameters<typeof madeUpRows>[1] = {}, loads = sweep) =>
  observationsFrom(loads.flatMap((load) => [madeUpRows(load, nature), madeUpRows(load, nature, { repeat: 2 })]));

const asLoad = ({ clients, room, perS, payloadBytes }: MadeUpLoad): SizedLoad => ({
  clients,
  processes: 1,
  roomSize: room,
  sendsPerS: perS,
  deliveriesPerS: perS * room,
  payloadBytes,
});

const others: MadeUpLoad[] = [
  { clients: 2_000, room: 50, perS: 300, payloadBytes: 200 },
  { clients: 500, room: 10, perS: 400, payloadBytes: 500 },
  { clients: 1_500, room: 1_500, perS: 8, payloadBytes: 100 },
  { clients: 200, room: 2, perS: 900, payloadBytes: 256 },
];

const cpuOf = (load: MadeUpLoad): number => observationsFrom([madeUpRows(load)])[0]!.cpuPerS;

it("finds the costs of a transport that has them exactly, and claims no error", () => {
  const { costs, errors, loads } = fitModel("made-up", measured())!;
  for (const [term, cost] of Object.entries(costs.cpu.costs)) expect(cost / truth[term as never]).toBeCloseTo(1, 6);
  expect(Object.keys(costs.cpu.costs)).toEqual(["deliveries", "sends", "processes", "payloadBytes", "clients"]);
  expect(loads).toBe(sweep.length);
  expect(errors.cpu).toBeLessThan(1e-6);
  expect(errors.bytes).toBeLessThan(1e-6);
});

it("finds them within the noise of the rows", () => {
  const next = seededRandom(7);
  const noise = (): number => 1 + 0.04 * (next() - 0.5);
  const { costs } = fitModel("made-up", measured({ noise }))!;
  expect(costs.cpu.costs.deliveries! / truth.deliveries).toBeCloseTo(1, 1);
  expect(costs.cpu.costs.sends! / truth.sends).toBeCloseTo(1, 1);
});

it("counts bytes of payload, overhead and TCP/IP, both ways", () => {
  const { costs } = fitModel("made-up", measured())!;
  const { outPerS, inPerS } = predict(costs, asLoad({ clients: 400, room: 10, perS: 100, payloadBytes: 200 }));
  expect(outPerS).toBeCloseTo(1_000 * (200 + 10 + 50) + 100 * 50, 3);
  expect(inPerS).toBeCloseTo(100 * (200 + 40 + 50) + 1_000 * 50, 3);
});

it("leaves TCP/IP out where the rows do not have it", () => {
  const rows = sweep.map((load) => {
    const { tcp_ip_bytes_per_delivery: _, ...row } = madeUpRows(load);
    return row;
  });
  const { costs, errors } = fitModel("made-up", observationsFrom(rows))!;
  expect(costs.headers).toBeUndefined();
  expect(errors.bytes).toBeLessThan(1e-6);
});

it("lets the asks of a polling transport follow from the clients, and their bytes too", () => {
  const { costs } = fitModel("made-up", measured({ asksPerS: () => 2 }))!;
  expect(costs.cpu.merged).toEqual([{ term: "clients", into: ["exchanges"] }]);
  const { outPerS } = predict(costs, asLoad({ clients: 400, room: 1, perS: 100, payloadBytes: 200 }));
  expect(outPerS).toBeCloseTo(100 * (200 + 10 + 50) + 100 * 50 + 800 * (200 + 50), 0);
});

it("is within the error that it claims, of loads it never saw, in most of many noisy sweeps", () => {
  let within = 0;
  const seeds = 200;
  for (let seed = 0; seed < seeds; seed++) {
    const next = seededRandom(seed);
    const noise = (): number => 1 + 0.16 * (next() - 0.5);
    const { costs, errors } = fitModel("made-up", measured({ noise }))!;
    for (const load of others)
      if (Math.abs(predict(costs, asLoad(load)).cpuPerS / cpuOf(load) - 1) <= errors.cpu) within++;
  }
  expect(within / (seeds * others.length)).toBeGreaterThan(0.9);
});

it("claims an error that is honest where the transport is not as the model has it", () => {
  // A delivery gets dearer with the members of the room, which no term says.
  const crooked = (load: MadeUpLoad): number => 1 + load.room / 1_000;
  const rows = sweep.map((load) => madeUpRows(load, { noise: () => crooked(load) }));
  const { costs, errors } = fitModel("made-up", observationsFrom(rows))!;
  expect(errors.cpu).toBeGreaterThan(0.1);
  for (const load of others.slice(0, 2))
    expect(Math.abs(predict(costs, asLoad(load)).cpuPerS / (cpuOf(load) * crooked(load)) - 1)).toBeLessThan(errors.cpu);
});

it("holds all repeats of a load out together, so that one load is not its own proof", () => {
  // The only load with large messages: its repeats tell what bytes cost, the other loads cannot.
  const loads = sweep.filter(({ payloadBytes, room }) => payloadBytes === 128 || room === 1);
  const { costs, errors } = fitModel("made-up", measured({}, loads))!;
  expect(costs.cpu.costs.payloadBytes! / truth.payloadBytes).toBeCloseTo(1, 6);
  expect(errors.cpu).toBeGreaterThan(0.1);
});

it("is not made of fewer than four loads, however often they were repeated", () => {
  expect(fitModel("made-up", measured({}, sweep.slice(0, 3)))).toBeUndefined();
  expect(fitModel("made-up", measured({}, sweep.slice(0, 4)))).toBeDefined();
});
