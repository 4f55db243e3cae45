import { expect, it } from "vitest";
import { costOf, fitCosts, costTermNames, type WorkPerS } from "./cost-fit.ts";
import { truth } from "../testing/made-up-rows.ts";

const work = (clients: number, sends: number, room: number, size = 128, exchanges = 0, processes = 0): WorkPerS => ({
  deliveries: sends * room,
  exchanges,
  sends,
  payloadBytes: sends * (room + 1) * size,
  processes,
  clients,
});
const cost = (of: WorkPerS): number => costTermNames.reduce((sum, term) => sum + truth[term] * of[term], 0);
const fitted = (works: WorkPerS[]) => fitCosts(works, works.map(cost), works.map(cost));

it("finds what each term costs where the rows vary them on their own", () => {
  const works = [
    work(10, 100, 1, 128, 0, 1),
    work(1_000, 100, 1),
    work(100, 50, 20, 1_000),
    work(100, 2, 1_000, 128, 300),
    work(2_000, 900, 2, 64, 30),
    work(70, 5, 300, 16, 900, 1),
    work(70, 50, 3, 16, 90, 1),
  ];
  const { costs, merged } = fitted(works);
  expect(merged).toEqual([]);
  for (const term of costTermNames) expect(costs[term]! / truth[term]).toBeCloseTo(1, 6);
  expect(costOf({ costs, merged }, works[3]!) / cost(works[3]!)).toBeCloseTo(1, 9);
});

it("says that in rooms of one size sends cannot be told from deliveries, and bytes neither where messages are of one size", () => {
  const { costs, merged } = fitted([work(100, 10, 100), work(1_000, 10, 100), work(100, 60, 100), work(300, 30, 100)]);
  expect(Object.keys(costs)).toEqual(["deliveries", "clients"]);
  expect(merged).toEqual([
    { term: "sends", into: ["deliveries"] },
    { term: "payloadBytes", into: ["deliveries"] },
  ]);
});

it("takes terms that hardly vary on their own for one: their noise would be told apart instead", () => {
  const { merged } = fitted([work(0, 10, 100), work(0, 90, 103), work(0, 60, 98), work(0, 30, 101)]);
  expect(merged.map(({ term }) => term)).toEqual(["sends", "payloadBytes"]);
});

it("says that clients who ask at intervals cannot be told from their asks", () => {
  const rooms = [1, 100, 30, 1_000, 3];
  const { merged } = fitted(rooms.map((room, i) => work(100 + 200 * i, 10 + 7 * i, room, 100 * 2 ** i, 100 + 200 * i)));
  expect(merged).toEqual([{ term: "clients", into: ["exchanges"] }]);
});

it("tells what a process costs on its own from what its work costs", () => {
  const { costs } = fitted([10, 100, 1_000].map((sends) => work(0, sends, 1, 128, 0, 1)));
  expect(costs.processes! / truth.processes).toBeCloseTo(1, 6);
  expect(costs.deliveries! / (truth.deliveries + truth.sends + 256 * truth.payloadBytes)).toBeCloseTo(1, 6);
});

it("gives a term that nothing shows no cost, and none below 0", () => {
  const works = [work(100, 100, 1), work(1_000, 100, 1), work(100, 10, 100), work(2_000, 10, 50)];
  const fallsWithClients = works.map((of) => of.deliveries * 1e-5 - of.clients * 1e-8);
  const { costs } = fitCosts(works, fallsWithClients, fallsWithClients);
  expect(costs.exchanges).toBeUndefined();
  expect(costs.clients).toBe(0);
  for (const value of Object.values(costs)) expect(value).toBeGreaterThanOrEqual(0);
});

it("holds rows of great and of small cost to be equally important", () => {
  const works = [work(0, 1_000_000, 0), work(0, 10, 0)];
  // The large one says 1 for each send, the small one 2: relative errors are least between them, not at the large one.
  const { costs } = fitCosts(works, [1_000_000, 20], [1_000_000, 20]);
  expect(costs.sends).toBeCloseTo(1.2, 6);
});

it("lets a row in which nothing was found count as it is", () => {
  const { costs } = fitCosts([work(0, 10, 1), work(0, 20, 1)], [0, 0], [0, 0]);
  for (const value of Object.values(costs)) expect(value).toBe(0);
});
