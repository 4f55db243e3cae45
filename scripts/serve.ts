import { once } from "node:events";
import type { Server } from "../scenarios/contract.ts";
import { authority } from "../scenarios/lib/addresses.ts";
import { servedApps } from "../scenarios/definitions/apps.ts";
import { listText } from "../scenarios/definitions/list-text.ts";
import { errorMessage, RunError, UserError } from "../scenarios/lib/errors.ts";
import { joinInstructions } from "../scenarios/transports/join-instructions.ts";
import { scenarioNamed } from "../scenarios/scenarios.ts";
import { resolveSettings } from "../scenarios/definitions/settings.ts";
import { wrapText } from "../results/text/text-table.ts";
import { parseInteger } from "../scenarios/lib/parse-units.ts";
import { refusals } from "../servers/lib/hosting/refusal-log.ts";
import { timeOfDay, withPresenceLog } from "./lib/interop/presence-log.ts";
import { commandNamed, exitCodes, interruption, main, transportList, transportNamed } from "./lib/cli.ts";
import { pageTransports } from "./lib/page/about.ts";
import { pageText, sideBySideText } from "./lib/page/serve-text.ts";
import { serveTransport, type Hosted } from "./lib/page/served-transport.ts";
import { assertPageCanJoin, serveSideBySide } from "./lib/page/serve-side-by-side.ts";

interface Flags {
  transport?: string;
  all?: true | string[];
  host: string;
  port: number;
  scenario: string;
}

const examples = [
  "npm run serve -- --transport tcp-lines --port 18001",
  "npm run serve -- --transport socket.io-default --port 18002 --scenario echo",
  "npm run serve -- --transport ws --host 0.0.0.0 --port 8181",
  "npm run serve -- --all --port 18000",
  "npm run serve -- --all ws,ws-deflate,short-poll,short-poll-500ms",
];

const command = commandNamed(
  "serve",
  "Starts one server, for people at a terminal or a browser, and for a bench on another host. With --all: several, on one page.",
)
  .option("--transport <name>", "transport of the server: a name on the list, or the path of a module")
  .option("--all [names]", "every transport that a browser speaks, or these, side by side on one page", transportList)
  .option(
    "--port <n>",
    "port to listen on, with --all that of the page; 0 takes a free port",
    (v) => parseInteger("--port", v, 0, 65_535),
    0,
  )
  .option("--host <address>", "address to listen on; 0.0.0.0 accepts clients of other hosts", "127.0.0.1")
  .option("--scenario <name>", "scenario whose application is hosted: a chat, or echo", "chat-100")
  .addHelpText("after", () => `\n${listText()}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);

await main(async () => {
  const flags = command.parse().opts<Flags>();
  const { transport, all, scenario } = flags;
  if (transport !== undefined && all) throw new UserError("--transport and --all are two ways to serve: give one.");
  if (transport === undefined && !all)
    throw new UserError("Name a transport: --transport NAME. npm run bench -- --list prints the names.");
  const settings = resolveSettings(scenario, scenarioNamed(scenario), {});
  if (!Object.hasOwn(servedApps, settings.app))
    throw new UserError(`serve cannot host ${scenario}. It hosts the chat scenarios, such as chat-100, and echo.`);
  const served = servedApps[settings.app as keyof typeof servedApps];

  const signal = interruption();
  refusals.subscribe((sentence) => console.log(`${timeOfDay()}  refused: ${String(sentence)}`));
  const logs: { stop(): void }[] = [];
  /** The application for one server, with a log of its own. */
  function hosted(label: string): Hosted {
    const log = withPresenceLog(served.app, (line) => console.log(line + label));
    logs.push(log);
    return { app: log.app, settings };
  }
  if (all) await serveAll(all === true ? undefined : all, flags, hosted, served, signal);
  else await serveOne(transportNamed(transport!), flags, hosted, served, signal);
  for (const { stop } of logs) stop();
  return exitCodes.interrupted;
});

type ServedApp = (typeof servedApps)[keyof typeof servedApps];

/** Serves one transport until Ctrl-C. */
async function serveOne(
  name: string,
  flags: Flags,
  hosted: (label: string) => Hosted,
  app: ServedApp,
  signal: AbortSignal,
): Promise<void> {
  const { name: label, transport, server } = await serveTransport(name, hosted(""), flags, true);
  const [address] = server.addresses;
  console.log(wrapText(`${label}: ${transport.title}`));
  console.log(wrapText(`Listening on ${authority(address!)}, hosting ${app.title}. Press Ctrl-C to stop.`));
  console.log(wrapText(server.program ? app.externalInstructions : app.instructions));
  console.log(`\n${pageText(name, transport, address!)}`);
  console.log(joinInstructions(flags.transport!, transport, address!, flags.scenario));
  await untilStopped(signal, server);
  await server.close();
}

/** Serves several transports on one page until Ctrl-C. Default: all that a browser speaks. */
async function serveAll(
  names: readonly string[] | undefined,
  flags: Flags,
  hosted: (label: string) => Hosted,
  app: ServedApp,
  signal: AbortSignal,
): Promise<void> {
  const wanted = [...new Set(names ?? pageTransports())];
  await assertPageCanJoin(wanted, flags.port);
  const { page, served, close } = await serveSideBySide(wanted, (name) => hosted(` (${name})`), flags);
  console.log(wrapText(`${served.length} transports side by side, hosting ${app.title}. Press Ctrl-C to stop.`));
  console.log(`\n${sideBySideText(page, served, names === undefined)}\n`);
  if (!signal.aborted) await once(signal, "abort");
  await close();
}

/** Resolves at Ctrl-C. Rejects if the server is another program and ends before. */
async function untilStopped(signal: AbortSignal, { program }: Server): Promise<void> {
  const ended = program?.ended.catch((error: unknown) => {
    throw new RunError(errorMessage(error), { cause: error });
  });
  if (!signal.aborted) await Promise.race([once(signal, "abort"), ...(ended ? [ended] : [])]);
}
