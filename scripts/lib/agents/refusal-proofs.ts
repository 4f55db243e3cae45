import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../../../results/model/environment.ts";
import { expectCode, refused, shortWindow, type AgentProof } from "./proof-steps.ts";
import type { Stage, StageHost } from "./stage.ts";

const two = [...shortWindow, "--agents", "2"];
const credentials = /refuses the user or the password/;

/** A copy of this project whose code differs, as after a commit. */
function otherBuild(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "build-"));
  mkdirSync(join(folder, "dist"));
  cpSync(join(projectFolder, "dist"), join(folder, "dist"), { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) cpSync(join(projectFolder, file), join(folder, file));
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "dist", "changed.js"), "export {};\n");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Options that make Node say that it is another version. */
const otherNode = ["--import", 'data:text/javascript,Object.defineProperty(process,"version",{value:"v19.0.0"})'];

/** A bench and an agent with this password are both refused, and print it nowhere. */
async function refusesPassword(stage: Stage, host: StageHost, userInfo: string): Promise<string> {
  const url = stage.url.replace("//", `//${userInfo}`);
  const run = stage.bench("no.csv", two, { TRANSPORT_BENCH_BROKER: url });
  const agent = await stage.agent("b9", { host, url });
  const said = [await refused(run, credentials), await refused(agent, credentials)];
  for (const { seen } of [run, agent])
    if (seen.text.includes("secretword")) throw new Error(`the password was printed: ${seen.text}`);
  return said[0]!;
}

/** What is refused before a run begins: one sentence and exit 2. */
export const refusalProofs: readonly AgentProof[] = [
  {
    claim: "a missing agent, another build, another Node: one sentence and exit 2",
    quick: true,
    run: async (stage, { oneClock: { server, clients } }) => {
      await stage.agent("b1", { host: server });
      const missing = stage.bench("no.csv", [...shortWindow, "--agents", "3", "--agents-wait", "1s"]);
      const said = [await refused(missing, /^1 of 3 agents came within 1 s \(b1\)/)];
      const { folder, remove } = otherBuild();
      const built = await stage.agent("b2", { host: clients[0], project: folder });
      said.push(await refused(stage.bench("no.csv", two), /^The agent b2 runs build \w+, and this is build /));
      built.child.kill("SIGTERM");
      expectCode(await built.code, [130], built);
      remove();
      await stage.agent("b3", { host: clients[1], nodeOptions: otherNode });
      said.push(await refused(stage.bench("no.csv", two), /^The agent b3 runs Node v19\.0\.0, and this is Node v/));
      const mixed = stage.bench("mixed.csv", [...two, "--mixed-node"]);
      expectCode(await mixed.code, [0], mixed);
      return said.join(" | ");
    },
  },
  {
    claim: "a full broker, a wrong password, a broker that asks for a password: one sentence and exit 2",
    quick: true,
    run: async (stage, { hub }) => {
      stage.ask("config", "set", "maxmemory", "1");
      const said = [await refused(stage.bench("no.csv", two), /is full \(maxmemory\)/)];
      await refused(await stage.agent("b9", { host: hub }), /is full \(maxmemory\)/);
      stage.ask("config", "set", "maxmemory", "0");
      said.push(await refusesPassword(stage, hub, "nobody:secretword@"));
      stage.ask("config", "set", "requirepass", "rightword");
      await refusesPassword(stage, hub, "");
      await refusesPassword(stage, hub, ":secretword@");
      return said.join(" | ");
    },
  },
];
