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
import { refusals } from "../servers/lib/hosting/refusal-log.ts";
import { timeOfDay, withPresenceLog } from "./lib/interop/presence-log.ts";
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
  "Starts one server, for people at a terminal or a browser, and for a bench on another host.",
)
  .option("--transport <name>", "transport of the server: a name on the list, or the path of a module")
  .option("--port <n>", "port to listen on; 0 takes a free port", (v) => parseInteger("--port", v, 0, 65_535), 0)
  .option("--host <address>", "address to listen on; 0.0.0.0 accepts clients of other hosts", "127.0.0.1")
  .option("--scenario <name>", "scenario whose application is hosted: a chat, or echo", "chat-100")
  .addHelpText("after", () => `\n${listText()}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

/** People type slowly, so a polling client may be silent for this long before it is dropped. */
const idleMs = 5 * 60_000;

await main(async () => {
  const { transport: transportFlag, host, port, scenario } = command.parse().opts<Flags>();
  if (transportFlag === undefined)
    throw new UserError("Name a transport: --transport NAME. npm run bench -- --list prints the names.");
  const { app: appName, ...settings } = resolveSettings(scenario, scenarioNamed(scenario), {});
  if (!Object.hasOwn(servedApps, appName))
    throw new UserError(`serve cannot host ${scenario}. It hosts the chat scenarios, such as chat-100, and echo.`);
  const served = servedApps[appName as keyof typeof servedApps];
  const name = transportNamed(transportFlag);
  const transport = await loadTransport(name);
  await assertSupports(name, transport, { ...settings, app: appName });

  const signal = interruption();
  refusals.subscribe((sentence) => console.log(`${timeOfDay()}  refused: ${String(sentence)}`));
  const { app, stop } = withPresenceLog(served.app, console.log);
  const { default: serve } = await transport.server();
  // `serveClient`: a Socket.IO server then offers its client library to browsers.
  const transportOptions = { ...transport.options.transportOptions, serveClient: true };
  const options = optionsFor(transport, { host, port, idleMs, transportOptions });
  const server = await serve(app, options, appName).catch(asUserError);
  await requireTls(name, server, options);

  const [address] = server.addresses;
  console.log(wrapText(`${transportLabel(name)}: ${transport.title}`));
  console.log(wrapText(`Listening on ${authority(address!)}, hosting ${served.title}. Press Ctrl-C to stop.`));
  console.log(wrapText(server.program ? served.externalInstructions : served.instructions));
  console.log(`\n${joinInstructions(transportFlag, transport, address!, scenario)}`);

  await untilStopped(signal, server);
  await server.close();
  stop();
  return exitCodes.interrupted;
});

/**
 * Turns an error of the system, such as a port that is in use, into a UserError. Rethrows every other error unchanged.
 */
function asUserError(error: unknown): never {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  throw cause?.code === undefined ? error : new UserError(errorMessage(error), { cause });
}

/** Closes the server and throws if it must run over TLS and does not. */
async function requireTls(name: string, server: Server, options: Options): Promise<void> {
  try {
    assertTls(name, server, options);
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Resolves at Ctrl-C. Rejects if the server is another program and ends before. */
async function untilStopped(signal: AbortSignal, { program }: Server): Promise<void> {
  const ended = program?.ended.catch((error: unknown) => {
    throw new RunError(errorMessage(error), { cause: error });
  });
  if (!signal.aborted) await Promise.race([once(signal, "abort"), ...(ended ? [ended] : [])]);
}
