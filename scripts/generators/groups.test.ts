import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { isModulePath, loadTransport } from "../../scenarios/transports/load-transport.ts";
import { toolGroups } from "./groups.ts";

const tools = toolGroups.flatMap((group) => group.tools);
const load = { host: "127.0.0.1", port: 80, path: "/", connections: 1, ratePerS: 0, seconds: 1 };

it("starts only programs of this folder that exist", () => {
  const programs = tools.map((tool) => tool.command(load)[1]!).filter((path) => path.includes("/generators/"));
  expect(new Set(programs).size).toBe(2); // our own client and the bare client
  expect(programs.filter((path) => !existsSync(path))).toEqual([]);
});

it("measures tools only on servers that exist", async () => {
  const names = [...new Set(tools.map(({ serverTransport }) => serverTransport))];
  expect(names.filter(isModulePath)).toHaveLength(3);
  for (const name of names) expect(await loadTransport(name)).toHaveProperty("server");
});

it("names only baselines that are in the group", () => {
  for (const { baselines, tools: ofGroup } of toolGroups)
    expect(ofGroup.map(({ name }) => name)).toEqual(expect.arrayContaining([...baselines]));
});
