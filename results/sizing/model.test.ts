import { expect, it } from "vitest";
import { seededRandom } from "../../scenarios/lib/random.ts";
import { fitModel, predict, type SizedLoad } from "./model.ts";
import { observationsFrom } from "./observations.ts";
import { madeUpRow, sweep, trueCosts, type MadeUpLoad } from "../testing/made-up-rows.ts";

/** Two repeats of each load of the sweep. */
const measured = (properties: Parameters<typeof madeUpRow>[1] = {}, loads = sweep) =>
  observationsFrom(loads.flatMap((load) => [madeUpRow(load, properties), madeUpRow(load, properties, { repeat: 2 })]));

const asLoad = ({ clients, roomSize, sendsPerS, payloadBytes }: MadeUpLoad): SizedLoad => ({
  clients,
  processes: 1,
  roomSize: roomSize,
  sendsPerS: sendsPerS,
  deliveriesPerS: sendsPerS * roomSize,
  payloadBytes,
});

const others: MadeUpLoad[] = [
  { clients: 2_000, roomSize: 50, sendsPerS: 300, payloadBytes: 200 },
  { clients: 500, roomSize: 10, sendsPerS: 400, payloadBytes: 500 },
  { clients: 1_500, roomSize: 1_500, sendsPerS: 8, payloadBytes: 100 },
  { clients: 200, roomSize: 2, sendsPerS: 900, payloadBytes: 256 },
];

const cpuOf = (load: MadeUpLoad): number => observationsFrom([madeUpRow(load)])[0]!.cpuPerS;

it("finds the exact costs of rows without noise, and claims no error", () => {
  const { costs, errors, loads } = fitModel("made-up", measured())!;
  for (const [term, cost] of Object.entries(costs.cpu.costs)) expect(cost / trueCosts[term as never]).toBeCloseTo(1, 6);
  expect(Object.keys(costs.cpu.costs)).toEqual(["deliveries", "sends", "processes", "payloadBytes", "clients"]);
  expect(loads).toBe(sweep.length);
  expect(errors.cpu).toBeLessThan(1e-6);
  expect(errors.bytes).toBeLessThan(1e-6);
});

it("finds the costs of noisy rows within their noise", () => {
  const next = seededRandom(7);
  const noise = (): number => 1 + 0.04 * (next() - 0.5);
  const { costs } = fitModel("made-up", measured({ noise }))!;
  expect(costs.cpu.costs.deliveries! / trueCosts.deliveries).toBeCloseTo(1, 1);
  expect(costs.cpu.costs.sends! / trueCosts.sends).toBeCloseTo(1, 1);
});

it("predicts bytes of payload, overhead and TCP/IP in both directions", () => {
  const { costs } = fitModel("made-up", measured())!;
  const { outPerS, inPerS } = predict(costs, asLoad({ clients: 400, roomSize: 10, sendsPerS: 100, payloadBytes: 200 }));
  expect(outPerS).toBeCloseTo(1_000 * (200 + 10 + 50) + 100 * 50, 3);
  expect(inPerS).toBeCloseTo(100 * (200 + 40 + 50) + 1_000 * 50, 3);
});

it("leaves TCP/IP headers out when the rows do not have them", () => {
  const rows = sweep.map((load) => {
    const { tcp_ip_bytes_per_delivery: _, ...row } = madeUpRow(load);
    return row;
  });
  const { costs, errors } = fitModel("made-up", observationsFrom(rows))!;
  expect(costs.headers).toBeUndefined();
  expect(errors.bytes).toBeLessThan(1e-6);
});

it("derives the polls of a polling transport, and their bytes, from its clients", () => {
  const { costs } = fitModel("made-up", measured({ pollsPerS: () => 2 }))!;
  expect(costs.cpu.merged).toEqual([{ term: "clients", into: ["polls"] }]);
  const { outPerS } = predict(costs, asLoad({ clients: 400, roomSize: 1, sendsPerS: 100, payloadBytes: 200 }));
  expect(outPerS).toBeCloseTo(100 * (200 + 10 + 50) + 100 * 50 + 800 * (200 + 50), 0);
});

it("stays within its claimed error for more than 90 % of unseen loads over 200 noisy data sets", () => {
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

it("claims a large error when the transport does not follow the model", () => {
  // The cost of a delivery grows with the room size, which no term of the model describes.
  const nonlinear = (load: MadeUpLoad): number => 1 + load.roomSize / 1_000;
  const rows = sweep.map((load) => madeUpRow(load, { noise: () => nonlinear(load) }));
  const { costs, errors } = fitModel("made-up", observationsFrom(rows))!;
  expect(errors.cpu).toBeGreaterThan(0.1);
  for (const load of others.slice(0, 2))
    expect(Math.abs(predict(costs, asLoad(load)).cpuPerS / (cpuOf(load) * nonlinear(load)) - 1)).toBeLessThan(
      errors.cpu,
    );
});

it("holds out all repeats of a load together, so that a load is not predicted from itself", () => {
  // Only one of these loads has large messages, so without it the cost of a byte is unknown.
  const loads = sweep.filter(({ payloadBytes, roomSize }) => payloadBytes === 128 || roomSize === 1);
  const { costs, errors } = fitModel("made-up", measured({}, loads))!;
  expect(costs.cpu.costs.payloadBytes! / trueCosts.payloadBytes).toBeCloseTo(1, 6);
  expect(errors.cpu).toBeGreaterThan(0.1);
});

it("needs four loads, however often they were repeated", () => {
  expect(fitModel("made-up", measured({}, sweep.slice(0, 3)))).toBeUndefined();
  expect(fitModel("made-up", measured({}, sweep.slice(0, 4)))).toBeDefined();
});
