import { expect, it } from "vitest";
import type { ProcessLoad } from "../../results/model/measurement.ts";
import { loadOfMachines, type PlacedProcess } from "./host-loads.ts";

const load = (cpuPercent: number, cpuWaitPercent?: number): ProcessLoad => ({
  cpuUs: 1,
  cpuPercent,
  elu: 0,
  rssBytes: 0,
  gcUs: 0,
  loopDelayP99Us: 0,
  loopDelayMaxUs: 0,
  cpuWaitPercent,
});

const placed = (name: string, machine: string | null, own: ProcessLoad, clients = 0): PlacedProcess => ({
  host: { name, cores: 2, machine, clockErrorUs: 40 },
  load: own,
  clients,
  machineBusyUs: 1_500_000,
  spanUs: 1_000_000,
});

it("each machine is charged with its own load: what others do there is what the trial did not", () => {
  const [server, clients] = loadOfMachines([
    placed("b1", "m1", load(90, 1)),
    placed("b2", "m2", load(40, 2), 10),
    placed("b2", "m2", load(60, 12), 20),
  ]);
  expect(server).toMatchObject({ cpuPercent: 90, otherCpuPercent: 60, cpuWaitPercent: 1 });
  expect(clients).toMatchObject({ cpuPercent: 100, otherCpuPercent: 50, cpuWaitPercent: 12 });
  expect(clients!.agents).toEqual([{ name: "b2", clients: 30, cpuPercent: 100, clockErrorUs: 40 }]);
});

it("agents of one machine share its cores, so none of them is a stranger to the other", () => {
  const machines = loadOfMachines([placed("b1", "m", load(90)), placed("b2", "m", load(50), 5)]);
  expect(machines).toHaveLength(1);
  expect(machines[0]).toMatchObject({ otherCpuPercent: 10, cpuWaitPercent: undefined });
  expect(machines[0]!.agents.map(({ name }) => name)).toEqual(["b1", "b2"]);
});

it("where a system does not tell its machine, each agent is one", () => {
  expect(loadOfMachines([placed("b1", null, load(1)), placed("b2", null, load(1))])).toHaveLength(2);
});
