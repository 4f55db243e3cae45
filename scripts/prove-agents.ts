import { errorMessage, UserError } from "../scenarios/lib/errors.ts";
import { parseInteger } from "../scenarios/lib/parse-units.ts";
import { hangingIndent } from "../results/text/text-table.ts";
import { makeBridgedHosts } from "./lib/agents/bridged-hosts.ts";
import { agentProofs } from "./lib/agents/proofs.ts";
import { hasRedis, openStage } from "./lib/agents/stage.ts";
import { commandNamed, exitCodes, interruption, main } from "./lib/cli.ts";

const command = commandNamed(
  "prove:agents",
  "Runs trials over agents in network namespaces with a real redis-server, breaks what can break, and checks what is said and what is left.",
)
  .option("--only <numbers>", "some proofs, by their numbers: 1,4,5", (text) =>
    text.split(",").map((each) => parseInteger("--only", each, 1, agentProofs.length)),
  )
  .option("--quick", "those that a pipeline runs, in about two minutes");

await main(async () => {
  const { only, quick } = command.parse().opts<{ only?: number[]; quick?: true }>();
  if (!hasRedis()) throw new UserError("There is no redis-server here: apt-get install redis-server.");
  const signal = interruption();
  const hosts = await makeBridgedHosts();
  process.once("exit", hosts.remove);
  let held = 0;
  const chosen = agentProofs
    .map((proof, i) => ({ ...proof, number: i + 1 }))
    .filter((proof) => only?.includes(proof.number) ?? (!quick || proof.quick));
  for (const { number, claim, run } of chosen) {
    if (signal.aborted) return exitCodes.interrupted;
    const stage = await openStage(hosts.hub);
    const fromMs = performance.now();
    const say = (verdict: string, seen: string): void => {
      const seconds = Math.round((performance.now() - fromMs) / 1000);
      console.log(`${number}. ${verdict}: ${claim} (${seconds} s)\n${hangingIndent("   ", seen)}`);
    };
    try {
      say("holds", await run(stage, hosts));
      held++;
    } catch (error) {
      say("FAILS", errorMessage(error));
    } finally {
      stage.end();
    }
  }
  console.log(`${held} of ${chosen.length} hold`);
  return held === chosen.length ? exitCodes.done : exitCodes.rowFailed;
});
