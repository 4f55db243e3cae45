import { once } from "node:events";
import { assertSupports, assertTls } from "../scenarios/definitions/compatibility.ts";
import { authority } from "../scenarios/lib/addresses.ts";
import { servedApps } from "../scenarios/definitions/apps.ts";
import { listText } from "../scenarios/definitions/list-text.ts";
import type { Options, Server } from "../scenarios/contract.ts";
import { errorMessage, RunError, UserError } from "../scenarios/lib/errors.ts";
import { joinInstructions } from "../scenarios/transports/join-instructions.ts";
import { scenarioNamed } from "../scenarios/scenarios.ts";
import { resolveSettings } from "../scenarios/definitions/settings.ts";
import { wrapText } from "../results/text/text-table.ts";
import { parseInteger } from "../scenarios/lib/parse-units.ts";
import { withPresenceLog } from "./lib/interop/presence-log.ts";
import { commandNamed, exitCodes, interruption, main, transportNamed } from "./lib/cli.ts";
import { loadTransport, optionsFor, transportLabel } from "../scenarios/transports/load-transport.ts";

interface Flags {
  transport?: string;
  host: string;
  port: number;
  scenario: string;
}

const examples = [
  "npm run serve -- --transport tcp-lines --port 18001",
  "npm run serve -- --transport socket.io-default --port 18002 --scenario echo",
  "npm run serve -- --transport ws --host 0.0.0.0 --port 8181",
];

const command = commandNamed(
  "serve",
  "Starts one server alone, to be joined by hand, from a browser or by a bench elsewhere.",
)
  .option("--transport <name>", "what it speaks: a name, or the path of a module")
  .option("--port <n>", "where it listens; 0 takes a free port", (v) => parseInteger("--port", v, 0, 65_535), 0)
  .option("--host <address>", "0.0.0.0 lets other hosts in", "127.0.0.1")
  .option("--scenario <name>", "whose application it hosts: a chat's, or echo", "chat-100")
  .addHelpText("after", () => `\n${listText()}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

/**
 * Who types is slow: a polling client may be silent for so long. A browser needs a script to speak Socket.IO, which it can have from here.
 * All else is as it is measured.
 */
const idleMs = 5 * 60_000;

await main(async () => {
  const { transport: given, host, port, scenario } = command.parse().opts<Flags>();
  if (given === undefined)
    throw new UserError("Say what it is to speak: --transport NAME; npm run bench -- --list names them.");
  const { app: driven, ...settings } = resolveSettings(scenario, scenarioNamed(scenario), {});
  if (!Object.hasOwn(servedApps, driven))
    throw new UserError(`Nobody can join ${scenario} by hand: serve hosts the chats, such as chat-100, and echo.`);
  const hosted = servedApps[driven as keyof typeof servedApps];
  const name = transportNamed(given);
  const transport = await loadTransport(name);
  await assertSupports(name, transport, { ...settings, app: driven });

  const signal = interruption();
  const { app, stop } = withPresenceLog(hosted.app, console.log);
  const { default: serve } = await transport.server();
  const own = { ...transport.options.transportOptions, serveClient: true };
  const options = optionsFor(transport, { host, port, idleMs, transportOptions: own });
  const server = await secured(name, await listening(serve(app, options, driven)), options);
  const [address] = server.addresses;
  for (const prose of [
    `${transportLabel(name)}: ${transport.title}`,
    `Listening on ${authority(address!)}, hosting ${hosted.title}. Ctrl-C ends it.`,
    saysOf(hosted, server),
  ])
    console.log(wrapText(prose));
  console.log("");
  console.log(joinInstructions(given, transport, address!, scenario));

  await over(signal, server);
  await server.close();
  stop();
  return exitCodes.interrupted;
});

/** How the application is spoken to. Another program hosts its own, in which a client has no room until it names one. */
function saysOf(
  { instructions, externalInstructions }: (typeof servedApps)[keyof typeof servedApps],
  { program }: Server,
): string {
  return program ? externalInstructions : instructions;
}

/** Waits for Ctrl-C; throws where the server is another program and ends before that. */
async function over(signal: AbortSignal, { program }: Server): Promise<void> {
  const ended = program?.ended.catch((error: unknown) => {
    throw new RunError(errorMessage(error), { cause: error });
  });
  if (!signal.aborted) await Promise.race([once(signal, "abort"), ...(ended ? [ended] : [])]);
}

/** The server, which speaks TLS where it was told to; one that does not is closed, and throws. */
async function secured(name: string, server: Server, options: Options): Promise<Server> {
  try {
    assertTls(name, server, options);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

/** The server. What the system refuses, such as a port that is in use, is the user's mistake. */
function listening(starting: Promise<Server>): Promise<Server> {
  return starting.catch((error: unknown) => {
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    throw cause?.code === undefined ? error : new UserError(errorMessage(error), { cause });
  });
}
