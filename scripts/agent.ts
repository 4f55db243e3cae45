import { statSync } from "node:fs";
import { Option } from "commander";
import { findBroker } from "../scenarios/hosts/broker-address.ts";
import { runAgent } from "../scenarios/hosts/agent.ts";
import type { AgentRole } from "../scenarios/hosts/description.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { commandNamed, exitCodes, interruption, main, userPath } from "./lib/cli.ts";

interface AgentFlags {
  name?: string;
  address?: string;
  role: AgentRole;
  brokerFile?: string;
  modules?: string;
}

const examples = [
  "TRANSPORT_BENCH_BROKER=redis://10.0.0.1:6379 npm run agent -- --name b1 --address 10.0.0.5",
  "npm run agent -- --name b2 --address 10.0.0.6 --role clients --broker-file /etc/transport-bench/broker",
];

const command = commandNamed(
  "agent",
  "Lends this machine to runs of other machines, one after the other, until Ctrl-C.",
)
  .option("--name <name>", "name of the agent in rows and messages: letters, digits, dots and hyphens")
  .option("--address <address>", "address of this machine at which the other agents reach it")
  .addOption(
    new Option("--role <role>", "what it may be used for").choices(["server", "clients", "any"]).default("any"),
  )
  .option(
    "--modules <folder>",
    "folder with modules of transports that a bench may name: mine.js there is its ./mine.js",
  )
  .option("--broker-file <file>", "file with the URL of the Redis or Valkey, in place of TRANSPORT_BENCH_BROKER")
  .addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const { name, address, role, brokerFile, modules } = command.parse().opts<AgentFlags>();
  if (name === undefined || !/^[\w.-]{1,64}$/.test(name))
    throw new UserError("Give the agent a name of letters, digits, dots and hyphens: --name b1.");
  if (address === undefined || !/^[\w.:-]+$/.test(address))
    throw new UserError("Say at which address the other agents reach this machine: --address 10.0.0.5.");
  const folder = modules === undefined ? undefined : userPath(modules);
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`There is no folder ${folder} for --modules: make it, or correct the path.`);
  const broker = findBroker(brokerFile === undefined ? undefined : userPath(brokerFile));
  const signal = interruption();
  await runAgent(broker, { name, address, role }, signal, console.log, { modules: folder });
  return exitCodes.interrupted;
});
