import { expect, it } from "vitest";
import { costOf, fitCosts, costTermNames, type WorkPerS } from "./cost-fit.ts";
import { trueCosts } from "../testing/made-up-rows.ts";

const work = (clients: number, sends: number, room: number, size = 128, polls = 0, processes = 0): WorkPerS => ({
  deliveries: sends * room,
  polls,
  sends,
  payloadBytes: sends * (room + 1) * size,
  processes,
  clients,
});
const cost = (of: WorkPerS): number => costTermNames.reduce((sum, term) => sum + trueCosts[term] * of[term], 0);
const fitted = (works: WorkPerS[]) => fitCosts(works, works.map(cost), works.map(cost));

it("finds the cost of each term when every term varies independently", () => {
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
  for (const term of costTermNames) expect(costs[term]! / trueCosts[term]).toBeCloseTo(1, 6);
  expect(costOf({ costs, merged }, works[3]!) / cost(works[3]!)).toBeCloseTo(1, 9);
});

it("merges sends into deliveries when all rooms have one size, and payload bytes when all messages have one size", () => {
  const { costs, merged } = fitted([work(100, 10, 100), work(1_000, 10, 100), work(100, 60, 100), work(300, 30, 100)]);
  expect(Object.keys(costs)).toEqual(["deliveries", "clients"]);
  expect(merged).toEqual([
    { term: "sends", into: ["deliveries"] },
    { term: "payloadBytes", into: ["deliveries"] },
  ]);
});

it("merges terms that hardly vary independently, since a fit would only separate their noise", () => {
  const { merged } = fitted([work(0, 10, 100), work(0, 90, 103), work(0, 60, 98), work(0, 30, 101)]);
  expect(merged.map(({ term }) => term)).toEqual(["sends", "payloadBytes"]);
});

it("merges clients that poll at an interval into their polls", () => {
  const rooms = [1, 100, 30, 1_000, 3];
  const { merged } = fitted(rooms.map((room, i) => work(100 + 200 * i, 10 + 7 * i, room, 100 * 2 ** i, 100 + 200 * i)));
  expect(merged).toEqual([{ term: "clients", into: ["polls"] }]);
});

it("separates the cost of an idle process from the cost of its work", () => {
  const { costs } = fitted([10, 100, 1_000].map((sends) => work(0, sends, 1, 128, 0, 1)));
  expect(costs.processes! / trueCosts.processes).toBeCloseTo(1, 6);
  expect(costs.deliveries! / (trueCosts.deliveries + trueCosts.sends + 256 * trueCosts.payloadBytes)).toBeCloseTo(1, 6);
});

it("gives no cost to a term that no row has, and no cost below 0 to the others", () => {
  const works = [work(100, 100, 1), work(1_000, 100, 1), work(100, 10, 100), work(2_000, 10, 50)];
  const fallsWithClients = works.map((of) => of.deliveries * 1e-5 - of.clients * 1e-8);
  const { costs } = fitCosts(works, fallsWithClients, fallsWithClients);
  expect(costs.polls).toBeUndefined();
  expect(costs.clients).toBe(0);
  for (const value of Object.values(costs)) expect(value).toBeGreaterThanOrEqual(0);
});

it("weighs rows of large and small cost equally", () => {
  const works = [work(0, 1_000_000, 0), work(0, 10, 0)];
  // The large row costs 1 per send, the small one 2. The smallest relative errors lie between, not at the large row.
  const { costs } = fitCosts(works, [1_000_000, 20], [1_000_000, 20]);
  expect(costs.sends).toBeCloseTo(1.2, 6);
});

it("accepts rows whose measured cost is 0", () => {
  const { costs } = fitCosts([work(0, 10, 1), work(0, 20, 1)], [0, 0], [0, 0]);
  for (const value of Object.values(costs)) expect(value).toBe(0);
});
