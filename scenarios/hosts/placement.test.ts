import { expect, it } from "vitest";
import type { AgentRole } from "./description.ts";
import { placeOnHosts } from "./placement.ts";

const agent = (name: string, role: AgentRole = "any", cores = 2, descriptors: number | null = 20_000) => ({
  description: { name, role, limits: { cores, descriptors, ports: 28_000, memoryMib: 8_000 } },
});

const namesOf = (hosts: Parameters<typeof placeOnHosts>[0]) => {
  const { server, clients } = placeOnHosts(hosts);
  return [server.description.name, ...clients.map(({ description }) => description.name)];
};

it("the servers go to the agent with that role, however small it is", () => {
  expect(namesOf([agent("a", "any", 64), agent("b", "server", 2), agent("c")])).toEqual(["b", "a", "c"]);
});

it("without such a role they go to the agent with most cores, and of equal ones to the first by name", () => {
  expect(namesOf([agent("a", "any", 2), agent("b", "any", 8), agent("c", "clients", 64)])).toEqual(["b", "c", "a"]);
  expect(namesOf([agent("b"), agent("a")])).toEqual(["a", "b"]);
});

it("of the client hosts the first is the one with most cores, then with most descriptors, then by name", () => {
  const hosts = [agent("a", "any", 2, 1_024), agent("b", "clients", 4), agent("d"), agent("c"), agent("s", "server")];
  expect(namesOf(hosts)).toEqual(["s", "b", "c", "d", "a"]);
});

it("one agent alone has both", () => {
  expect(namesOf([agent("a")])).toEqual(["a", "a"]);
});

it("a second agent with role server gets no clients", () => {
  expect(namesOf([agent("a", "server"), agent("b", "server"), agent("c")])).toEqual(["a", "c"]);
});

it("roles that leave no server or no client host are refused", () => {
  expect(() => placeOnHosts([agent("a", "clients")])).toThrow(/^Every agent has the role clients/);
  expect(() => placeOnHosts([agent("a", "server")])).toThrow(/^No agent is left for the clients/);
});
