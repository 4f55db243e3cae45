import { presentAgents } from "../scenarios/hosts/agent.ts";
import { brokerSentence, findBroker } from "../scenarios/hosts/broker-address.ts";
import { openEngine } from "../scenarios/hosts/engine.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { agentsTable } from "./lib/agents-text.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";

const command = commandNamed(
  "agents",
  "Lists the agents that are there: address, role, size, build, and idle or busy.",
).option("--broker-file <file>", "file with the URL of the Redis or Valkey, in place of TRANSPORT_BENCH_BROKER");

await main(async () => {
  const { brokerFile } = command.parse().opts<{ brokerFile?: string }>();
  const engine = await openEngine(findBroker(brokerFile === undefined ? undefined : userPath(brokerFile)));
  try {
    const agents = await presentAgents(engine);
    console.log(
      agents.length > 0 ? agentsTable(agents) : `No agent is at ${engine.broker}: start one with npm run agent.`,
    );
    return exitCodes.done;
  } catch (error) {
    throw new UserError(brokerSentence(engine.broker, error), { cause: error });
  } finally {
    engine.close();
  }
});
