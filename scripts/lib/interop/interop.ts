import type { Browser } from "playwright-core";
import type { Address } from "../../../scenarios/contract.ts";
import { until } from "../../../scenarios/lib/until.ts";
import { fillPlaceholders, manualClientsOf } from "../../../scenarios/transports/join-instructions.ts";
import type { ManualClients, Transport } from "../../../scenarios/transports/transport.ts";
import { exitCodes } from "../cli.ts";
import { startServeScript } from "../spawn-script.ts";
import { externalToolOf, type ExternalTool } from "./external-tools.ts";
import { browserClient, commandClient, shellClient, type TypedClient } from "./typed-clients.ts";

/** A way to join the server of a transport with a tool outside this project. */
export interface JoinMethod {
  transport: string;
  tool: ExternalTool;
  join(address: Address): TypedClient | Promise<TypedClient>;
}

/** A browser and the URL of an empty page; undefined if no browser is installed. */
export type BrowserPage = { browser: Browser; url: string } | undefined;

/** Scenario that the server hosts for two clients, and the number of receivers of each message. */
const hostedApps = {
  chat: { scenario: "chat-100", receivers: 2 },
  echo: { scenario: "echo", receivers: 1 },
};
export type HostedApp = keyof typeof hostedApps;

/** One message for each client. Each has 5 bytes, as "hello", whose place it takes. */
const messages = ["wü-1", "wü-2"];

/** Number of messages that the two clients receive in all, if nothing is wrong. */
export function expectedCount(app: HostedApp): number {
  return messages.length * hostedApps[app].receivers;
}

/** Every way in which `npm run serve` says that a transport can be joined. */
export function joinMethods(transport: string, definition: Transport, page: BrowserPage): JoinMethod[] {
  const { commands = [], shell, browser: lines } = manualClientsOf(definition);
  const methods: JoinMethod[] = commands.map((command) => ({
    transport,
    tool: externalToolOf(command),
    join: (address) => commandClient(fillPlaceholders(command, address)),
  }));
  if (shell)
    methods.push({
      transport,
      tool: externalToolOf(Object.values(shell).join("\n")),
      join: (address) => shellClient(fillSteps(shell, address)),
    });
  if (lines)
    methods.push({
      transport,
      tool: { name: "chromium", version: page?.browser.version(), install: "apt-get install chromium" },
      join: (address) =>
        browserClient(
          page!.browser,
          page!.url,
          lines.map((line) => fillPlaceholders(line, address)),
        ),
    });
  return methods;
}

function fillSteps({ join, receive, send }: NonNullable<ManualClients["shell"]>, address: Address) {
  return {
    join: fillPlaceholders(join, address),
    receive: fillPlaceholders(receive, address),
    send: fillPlaceholders(send, address),
  };
}

/**
 * Starts `npm run serve`, joins two clients and has each send a message. Resolves to the number of messages received.
 * Rejects if a client misses a message or receives one of the other's echoes, and if Ctrl-C does not end the server.
 */
export async function runInterop({ transport, join }: JoinMethod, app: HostedApp): Promise<number> {
  const { scenario, receivers } = hostedApps[app];
  const { child, seen, code, address } = await startServeScript("--transport", transport, "--scenario", scenario);
  const clients: TypedClient[] = [];
  try {
    for (const _ of messages) clients.push(await join(address));
    await until(
      () => seen.out.includes("  2 connected"),
      () => `both clients have joined; they printed ${quoted(clients)}`,
    );
    let received = 0;
    for (const [i, message] of messages.entries()) {
      const audience = receivers === 2 ? clients : [clients[i]!];
      await clients[i]!.send(message);
      await until(
        () => audience.every((client) => hasReceived(client, message)),
        () => `"${message}" has arrived; the clients printed ${quoted(audience)}`,
      );
      received += audience.length;
    }
    const misrouted = messages.find((message, i) => receivers === 1 && clients[1 - i]!.printed().includes(message));
    if (misrouted !== undefined) throw new Error(`"${misrouted}" was for its sender, but the other client received it`);
    return received;
  } finally {
    for (const client of clients) await client.leave();
    child.kill("SIGINT");
    const exit = await code;
    // oxlint-disable-next-line no-unsafe-finally -- a server that does not end is the worse error
    if (exit !== exitCodes.interrupted) throw new Error(`serve ended with ${exit}, not 130: ${seen.err}`);
  }
}

/** True if a client has printed a message. If it has not, it polls for more. */
function hasReceived(client: TypedClient, message: string): boolean {
  if (client.printed().includes(message)) return true;
  client.poll();
  return false;
}

function quoted(clients: readonly TypedClient[]): string {
  return clients.map((client) => JSON.stringify(client.printed())).join(" and ");
}
