import { expect, it } from "vitest";
import type { AgentRole } from "./description.ts";
import { placeOnHosts, shareClients } from "./placement.ts";

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
  expect(namesOf([agent("a", "any", 2), agent("b", "any", 8), agent("c", "clients", 64)])).toEqual(["b", "a", "c"]);
  expect(namesOf([agent("b"), agent("a")])).toEqual(["a", "b"]);
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

const share = (hosts: ReturnType<typeof agent>[], clients: number, socketsPerClient = 1, workers?: number) =>
  shareClients(
    hosts.map(({ description }) => description),
    { clients, socketsPerClient, workers },
  );

it("equal hosts get equal shares, each in one process", () => {
  expect(share([agent("a"), agent("b")], 100)).toEqual({ processes: [1, 1], shares: [50, 50] });
});

it("a host with four times the cores gets four times the clients", () => {
  expect(share([agent("a", "any", 2), agent("b", "any", 8)], 1_000)).toEqual({ processes: [1, 1], shares: [200, 800] });
});

it("a host with 1,024 descriptors gets at most 960 clients with one socket each, and 480 with two", () => {
  const hosts = [agent("a", "any", 2, 1_024), agent("b")];
  expect(share(hosts, 3_000).shares).toEqual([960, 2_040]);
  expect(share(hosts, 3_000, 2).shares).toEqual([480, 2_520]);
});

it("hosts start more processes where one each cannot have all clients", () => {
  const { processes, shares } = share([agent("a", "any", 2, 1_024), agent("b", "any", 2, 1_024)], 3_000);
  expect(processes).toEqual([2, 2]);
  expect(shares).toEqual([750, 750, 750, 750]);
});

it("the workers that a user wants are dealt to the hosts", () => {
  expect(share([agent("a"), agent("b")], 100, 1, 3).processes).toEqual([2, 1]);
});

it("the shares are all of the clients, whatever hosts there are", () => {
  for (const clients of [1, 2, 7, 100, 12_345])
    for (const cores of [1, 3, 7]) {
      const { shares } = share([agent("a", "any", cores, 1_024), agent("b"), agent("c", "any", 1.5)], clients);
      expect(shares.reduce((sum, each) => sum + each)).toBe(clients);
    }
});

it("clients that no host can hold are refused", () => {
  expect(() => share([agent("a")], 1_000_000)).toThrow(/^The 1 client hosts cannot hold 1000000 clients/);
});
