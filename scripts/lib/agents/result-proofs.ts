import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../../results/model/environment.ts";
import {
  assertEqual,
  expectCode,
  gang,
  goesWell,
  refused,
  shortWindow,
  startAgents,
  type AgentProof,
} from "./proof-steps.ts";
import type { Stage } from "./stage.ts";

const chat = ["--scenario", "chat-100", "--transports", "ws,long-poll", "--seed", "7", "--duration", "2s"];

/** Columns that agents must not change: what was delivered, and every byte. */
const exact = ["sent", "expected", "delivered", "lost", "duplicated", "reordered", "unexpected"] as const;
const bytes = ["overhead_bytes_per_send", "overhead_bytes_per_delivery"] as const;

/** The same run on one machine and over agents. */
export async function sameAsAlone(stage: Stage): Promise<string> {
  const alone = stage.bench("alone.csv", [...chat, "--workers", "2"]);
  expectCode(await alone.code, [0], alone);
  const over = stage.bench("over.csv", [...chat, ...gang]);
  expectCode(await over.code, [0], over);
  const [one, other] = [stage.rows("alone.csv"), stage.rows("over.csv")];
  const seen = one.map((row, i) => {
    // The bytes of a poll depend on how many messages it brings, and so on chance, on one machine too.
    const names = row["transport"] === "ws" ? [...exact, ...bytes] : exact;
    for (const name of names) assertEqual(`${row["transport"]} ${name}`, other[i]![name], row[name]);
    assertEqual("hosts", other[i]!["hosts"], "3");
    return `${row["transport"]} ${row["delivered"]} delivered, ${row["lost"]} lost, ${row["overhead_bytes_per_delivery"]} B/delivery`;
  });
  return seen.join("; ");
}

/** The shares of a run with 1,200 clients, by transport, which must not have lost a message. */
async function sharesOf(stage: Stage): Promise<Record<string, string>> {
  const load = [
    "--clients",
    "1200",
    "--rate",
    "3",
    "--warmup",
    "1s",
    "--duration",
    "2s",
    "--transports",
    "ws,long-poll",
  ];
  const run = stage.bench("share.csv", ["--scenario", "chat-1k", ...load, ...gang]);
  expectCode(await run.code, [0, 3], run);
  for (const { transport, lost } of stage.rows("share.csv")) assertEqual(`lost of ${transport}`, lost, "0");
  const { trials } = stage.record("share.csv") as { trials: { transport: string; settings: { shares: number[] } }[] };
  return Object.fromEntries(trials.map(({ transport, settings }) => [transport, String(settings.shares)]));
}

/** Writes a module transport, a copy of the example, into a new folder of the stage. */
function writeModule(stage: Stage, folder: string, more = ""): string {
  const path = join(stage.folder, folder, "mine.js");
  mkdirSync(join(stage.folder, folder));
  cpSync(join(projectFolder, "scripts/lib/template/module.js"), path);
  writeFileSync(path, more, { flag: "a" });
  return path;
}

/** What a run over agents must be equal to, and how its clients are dealt. */
export const resultProofs: readonly AgentProof[] = [
  {
    claim: "the same seed alone and over 3 agents: equal to the message and the byte",
    quick: true,
    run: async (stage, hosts) => {
      await startAgents(stage, hosts);
      return sameAsAlone(stage);
    },
  },
  {
    claim:
      "agents with ulimit -n 400 and 1,000: shares by the 336 and 936 sockets that fit, in more processes with two a client",
    run: async (stage, { oneClock: { server, clients } }) => {
      await stage.agent("b1", { role: "server", host: server });
      await stage.agent("b2", { role: "clients", host: clients[0], descriptors: 400 });
      await stage.agent("b3", { role: "clients", host: clients[1], descriptors: 1_000 });
      const { ws, "long-poll": polling } = await sharesOf(stage);
      assertEqual("the shares of ws", ws, "883,317");
      assertEqual("the shares of long-poll", polling, "442,441,159,158");
      return `of 1,200 ws clients b3 has 883 and b2 317; of 1,200 long-poll clients 442 + 441 and 159 + 158; none lost`;
    },
  },
  {
    claim: "a module of one's own runs on agents that have it in their --modules folder, and on no others",
    run: async (stage, { oneClock: { server, clients } }) => {
      const own = writeModule(stage, "own");
      writeModule(stage, "same");
      writeModule(stage, "other", "// changed\n");
      const modules = join(stage.folder, "same");
      const bench = [...shortWindow, "--transports", `./own/mine.js`];
      await stage.agent("b1", { role: "server", host: server, modules });
      await stage.agent("b2", { role: "clients", host: clients[0], modules });
      const without = await stage.agent("b3", { role: "clients", host: clients[1] });
      const said = [
        await refused(stage.bench("no.csv", [...bench, ...gang]), /^The agent b3 has no --modules FOLDER, and /),
      ];
      without.child.kill("SIGTERM");
      await without.code;
      const changed = await stage.agent("b3", {
        role: "clients",
        host: clients[1],
        modules: join(stage.folder, "other"),
      });
      const sentence = new RegExp(
        `^${stage.folder}/other/mine\\.js of agent b3 is \\w+, and ${own} of the bench is \\w+: copy`,
      );
      said.push(await refused(stage.bench("no.csv", [...bench, ...gang]), sentence));
      changed.child.kill("SIGTERM");
      await changed.code;
      await stage.agent("b3", { role: "clients", host: clients[1], modules });
      const [row] = await goesWell(stage, bench);
      assertEqual("lost", row!["lost"], "0");
      return [...said, `mine: ${row!["delivered"]} delivered`].join(" | ");
    },
  },
];
