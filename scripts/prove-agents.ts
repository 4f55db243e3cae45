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
).option("--only <n>", "one proof, by its number", (v) => parseInteger("--only", v, 1, agentProofs.length));

await main(async () => {
  const { only } = command.parse().opts<{ only?: number }>();
  if (!hasRedis()) throw new UserError("There is no redis-server here: apt-get install redis-server.");
  const signal = interruption();
  const hosts = await makeBridgedHosts();
  process.once("exit", hosts.remove);
  let held = 0;
  const chosen = agentProofs
    .map((proof, i) => ({ ...proof, number: i + 1 }))
    .filter(({ number }) => only === undefined || number === only);
  for (const { number, claim, run } of chosen) {
    if (signal.aborted) return exitCodes.interrupted;
    const stage = await openStage(hosts.hub);
    try {
      const seen = await run(stage, hosts);
      held++;
      console.log(`${number}. holds: ${claim}\n${hangingIndent("   ", seen)}`);
    } catch (error) {
      console.log(`${number}. FAILS: ${claim}\n${hangingIndent("   ", errorMessage(error))}`);
    } finally {
      stage.end();
    }
  }
  console.log(`${held} of ${chosen.length} hold`);
  return held === chosen.length ? exitCodes.done : exitCodes.rowFailed;
});
